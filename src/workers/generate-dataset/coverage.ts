import type { ChunkedDocument, Generated } from './candidate.ts';
import type { Chunk } from './chunk/chunk.ts';

/** The share of the chunks that were looked at with at least one accepted fact, 0 to 1. */
export function coverageOf({ asked, candidates }: Pick<Generated, 'asked' | 'candidates'>): number {
  if (asked.length === 0) return 0;
  const covered = new Set(candidates.map(({ chunk }) => chunk.id));
  return asked.filter((id) => covered.has(id)).length / asked.length;
}

/** Chunks in which a paragraph, list, table or example begins: the rest is headings and layout. */
export function eligibleChunks({ chunks, sections }: ChunkedDocument): Chunk[] {
  const starts = sections
    .flatMap((section) => section.blocks)
    .filter(({ kind }) => kind !== 'heading' && kind !== 'other')
    .map(({ start }) => start);
  return chunks.filter(({ start, end }) => starts.some((at) => at >= start && at < end));
}
