import type { FactHead } from '../pipeline/facts.ts';
import { hashShare } from '../split/hash.ts';

/** The best facts first; `isPreferred` ones before all others. */
const inOrder =
  (isPreferred: (head: FactHead) => boolean) =>
  (a: FactHead, b: FactHead): number =>
    Number(isPreferred(b)) - Number(isPreferred(a)) || b.value - a.value || a.draw - b.draw;

/** The best facts of each chunk, at most `perChunk`. */
export function limitPerChunk(
  heads: readonly FactHead[],
  perChunk: number,
  isPreferred: (head: FactHead) => boolean,
): FactHead[] {
  const taken = new Map<number, number>();
  const kept = new Set<FactHead>();
  const byValue = (a: FactHead, b: FactHead): number =>
    Number(isPreferred(b)) - Number(isPreferred(a)) || b.value - a.value;
  for (const head of heads.toSorted(byValue)) {
    const count = taken.get(head.chunk) ?? 0;
    if (count >= perChunk) continue;
    taken.set(head.chunk, count + 1);
    kept.add(head);
  }
  return heads.filter((head) => kept.has(head));
}

export interface Room {
  /** rows that there is room for */
  rows: number;
  rowsOf: (head: FactHead) => number;
  seed: number;
  /** key of a document in the draw of their order */
  documentOf: (head: FactHead) => string;
  isPreferred: (head: FactHead) => boolean;
}

/**
 * Facts that together fill the room at the most, one document after the other in turns, so that no large document crowds
 * out the others.
 */
export function spreadOverDocuments(
  heads: readonly FactHead[],
  { rows, rowsOf, seed, documentOf, isPreferred }: Room,
): FactHead[] {
  const documents = [...Map.groupBy(heads, documentOf)]
    .map(([key, own]) => ({ draw: hashShare(seed, 'order', key), own: own.sort(inOrder(isPreferred)) }))
    .sort((a, b) => a.draw - b.draw);
  const taken = new Set<FactHead>();
  let used = 0;
  const take = (wanted: boolean): void => {
    const longest = documents.reduce((most, { own }) => Math.max(most, own.length), 0);
    for (let turn = 0; turn < longest; turn += 1) {
      for (const { own } of documents) {
        const head = own[turn];
        if (head === undefined || isPreferred(head) !== wanted || used + rowsOf(head) > rows) continue;
        used += rowsOf(head);
        taken.add(head);
      }
    }
  };
  take(true);
  take(false);
  return heads.filter((head) => taken.has(head));
}
