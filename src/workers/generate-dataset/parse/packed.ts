import type { BlockWith, Section, SectionWith } from './block.ts';
import type { Prose, Span } from './prose.ts';

/**
 * Sections as plain JSON, about as large as the text: for pipes and files. In memory each character of a prose has a
 * span of its own; here neighbours share one run.
 */
export type PackedSection = SectionWith<PackedProse>;

export interface PackedProse {
  text: string;
  linked: number;
  /**
   * three numbers a run: count of characters, start, end. With the end -1, each character stands for the one place
   * that follows that of the character before; else all of them stand for the range from start to end.
   */
  runs: number[];
}

export const packSections = (sections: readonly Section[]): PackedSection[] =>
  sections.map((section) => ({ ...section, blocks: section.blocks.map((block) => mapProse(block, packProse)) }));

export const unpackSections = (sections: readonly PackedSection[]): Section[] =>
  sections.map((section) => ({ ...section, blocks: section.blocks.map((block) => mapProse(block, unpackProse)) }));

function mapProse<A, B>(block: BlockWith<A>, map: (prose: A) => B): BlockWith<B> {
  switch (block.kind) {
    case 'heading':
    case 'paragraph':
      return { ...block, prose: map(block.prose) };
    case 'list':
      return { ...block, items: block.items.map((item) => ({ ...item, prose: map(item.prose) })) };
    case 'table':
      return { ...block, header: block.header.map(map), rows: block.rows.map((row) => row.map(map)) };
    case 'code':
    case 'other':
      return block;
  }
}

const consecutive = -1;

export function packProse({ text, linked, spans }: Prose): PackedProse {
  const runs: number[] = [];
  let at = 0;
  while (at < spans.length) {
    const { start, end } = spans[at] ?? { start: 0, end: 0 };
    const isConsecutive = end === start + 1;
    let count = 1;
    while (continues(spans[at + count], isConsecutive ? start + count : start, isConsecutive ? start + count + 1 : end))
      count += 1;
    runs.push(count, start, isConsecutive ? consecutive : end);
    at += count;
  }
  return { text, linked, runs };
}

const continues = (span: Span | undefined, start: number, end: number): boolean =>
  span !== undefined && span.start === start && span.end === end;

export function unpackProse({ text, linked, runs }: PackedProse): Prose {
  const spans: Span[] = [];
  for (let at = 0; at + 2 < runs.length; at += 3) {
    const [count = 0, start = 0, end = 0] = runs.slice(at, at + 3);
    for (let index = 0; index < count; index += 1)
      spans.push(end === consecutive ? { start: start + index, end: start + index + 1 } : { start, end });
  }
  return { text, linked, spans };
}
