import type { Section } from '../parse/block.ts';
import type { Span } from '../parse/prose.ts';
import { sentenceRanges } from '../parse/sentences.ts';

/**
 * The last sentences before a place, of the nearest paragraph above it in the same section: what a model is shown with
 * a chunk that begins in the middle of a thought. Never evidence, as it belongs to the chunk before.
 */
export function sentencesBefore(sections: readonly Section[], at: number, count: number): Span | undefined {
  const section = sections.find(({ start, end }) => start < at && at < end);
  const block = section?.blocks.findLast(({ start }) => start < at);
  if (count === 0 || block?.kind !== 'paragraph') return undefined;
  const { prose } = block;
  const starts = sentenceRanges(prose.text)
    .map(({ start }) => prose.spans[start + prose.text.slice(start).search(/\S/)]?.start)
    .filter((start) => start !== undefined && start < at);
  const start = starts.slice(-count)[0];
  return start === undefined ? undefined : { start, end: Math.min(at, block.end) };
}
