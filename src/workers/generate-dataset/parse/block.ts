import type { Prose, Span } from './prose.ts';

export interface ListItem extends Span {
  /** the first paragraph of the item */
  prose: Prose;
}

/** A part of a document that is never cut, but for long paragraphs and between the items of a list. */
export type Block =
  | ({ kind: 'heading'; depth: number; prose: Prose } & Span)
  | ({ kind: 'paragraph'; prose: Prose } & Span)
  | ({ kind: 'code'; language: string; code: string } & Span)
  | ({ kind: 'list'; items: ListItem[] } & Span)
  | ({ kind: 'table'; header: Prose[]; rows: Prose[][] } & Span)
  | ({ kind: 'other' } & Span);

export type BlockOf<K extends Block['kind']> = Extract<Block, { kind: K }>;

/** A heading with the blocks up to the next one. */
export interface Section extends Span {
  /** headings from the top down to this one; empty before the first */
  path: string[];
  blocks: Block[];
}

/** Cut the blocks at the headings. Together the sections cover the whole document. */
export function toSections(blocks: readonly Block[], length: number): Section[] {
  const sections: Section[] = [];
  const stack: { depth: number; title: string }[] = [];
  let current: Section = { path: [], blocks: [], start: 0, end: length };
  for (const block of blocks) {
    if (block.kind !== 'heading') {
      current.blocks.push(block);
      continue;
    }
    while ((stack.at(-1)?.depth ?? 0) >= block.depth) stack.pop();
    stack.push({ depth: block.depth, title: block.prose.text });
    if (block.start > 0) sections.push({ ...current, end: block.start });
    current = { path: stack.map(({ title }) => title), blocks: [block], start: block.start, end: length };
  }
  return [...sections, current];
}
