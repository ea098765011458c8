import type { Prose, Span } from './prose.ts';

export interface ListItemOf<P> extends Span {
  /** the first paragraph of the item */
  prose: P;
}
export type ListItem = ListItemOf<Prose>;

/** A block whose text is held in the form `P`. */
export type BlockWith<P> =
  | ({
      kind: 'heading';
      depth: number;
      prose: P;
      /** where its section ends at the latest; without it, at the next heading that is no deeper */
      until?: number;
    } & Span)
  | ({ kind: 'paragraph'; prose: P } & Span)
  | ({
      kind: 'code';
      language: string;
      code: string;
      /** pieces that cover the block, in order: a block that is too large may be cut between them, at syntax nodes */
      parts?: Span[];
    } & Span)
  | ({ kind: 'list'; items: ListItemOf<P>[] } & Span)
  | ({ kind: 'table'; header: P[]; rows: P[][] } & Span)
  | ({ kind: 'other' } & Span);

/** A part of a document that is never cut, but for long paragraphs, between the items of a list and the parts of code. */
export type Block = BlockWith<Prose>;

export type BlockOf<K extends Block['kind']> = Extract<Block, { kind: K }>;

export interface SectionWith<P> extends Span {
  /** headings from the top down to this one; empty before the first */
  path: string[];
  blocks: BlockWith<P>[];
}
/** A heading with the blocks up to the next one. */
export type Section = SectionWith<Prose>;

/** Cut the blocks at the headings, and where the section of one ends. Together the sections cover the whole document. */
export function toSections(blocks: readonly Block[], length: number): Section[] {
  const sections: Section[] = [];
  const stack: { depth: number; title: string; until: number }[] = [];
  let current: Section = { path: [], blocks: [], start: 0, end: length };
  const open = (start: number, first: Block): void => {
    if (start > 0) sections.push({ ...current, end: start });
    current = { path: stack.map(({ title }) => title), blocks: [first], start, end: length };
  };
  for (const block of blocks) {
    const hasEnded = (heading: { until: number } | undefined): boolean => (heading?.until ?? Infinity) <= block.start;
    const isOutside = stack.some(hasEnded);
    while (stack.some(hasEnded)) stack.pop();
    if (block.kind === 'heading') {
      while ((stack.at(-1)?.depth ?? 0) >= block.depth) stack.pop();
      stack.push({ depth: block.depth, title: block.prose.text, until: block.until ?? Infinity });
      open(block.start, block);
    } else if (isOutside) open(block.start, block);
    else current.blocks.push(block);
  }
  return [...sections, current];
}
