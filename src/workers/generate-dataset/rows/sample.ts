import type { Candidate } from '../candidate.ts';
import { hashShare } from '../split/hash.ts';

/** an answer of this many characters is learnt in few steps */
const shortAnswer = 200;
const valueOf = ({ fact }: Candidate): number => fact.weight + (fact.answer.length <= shortAnswer ? 1 : 0);

/** The best facts of each chunk, at most `perChunk`. */
export function limitPerChunk(candidates: readonly Candidate[], perChunk: number): Candidate[] {
  const taken = new Map<string, number>();
  const byWeight = [...candidates.entries()].sort(([i, a], [j, b]) => valueOf(b) - valueOf(a) || i - j);
  const kept = new Set<number>();
  for (const [index, { chunk }] of byWeight) {
    const count = taken.get(chunk.id) ?? 0;
    if (count >= perChunk) continue;
    taken.set(chunk.id, count + 1);
    kept.add(index);
  }
  return candidates.filter((_, index) => kept.has(index));
}

/**
 * Facts that together give at most `room` rows, one document after the other in turns, so that no large document crowds
 * out the others.
 */
export function spreadOverDocuments(
  candidates: readonly Candidate[],
  room: number,
  seed: number,
  rowsOf: (candidate: Candidate) => number,
): Candidate[] {
  const keyOf = ({ document }: Candidate): string => `${document.source}/${document.path}`;
  const share = ({ fact }: Candidate): number =>
    hashShare(seed, 'sample', `${fact.questions[0] ?? ''}\n${fact.answer}`);
  const documents = [...Map.groupBy(candidates, keyOf)]
    .sort(([a], [b]) => hashShare(seed, 'order', a) - hashShare(seed, 'order', b))
    .map(([, own]) => own.sort((a, b) => valueOf(b) - valueOf(a) || share(a) - share(b)));
  const turns = Math.max(0, ...documents.map((own) => own.length));
  const inTurns = Array.from({ length: turns }, (_, turn) => documents.flatMap((own) => own[turn] ?? [])).flat();
  const taken = new Set<Candidate>();
  let used = 0;
  for (const candidate of inTurns) {
    if (used + rowsOf(candidate) > room) continue;
    used += rowsOf(candidate);
    taken.add(candidate);
  }
  return candidates.filter((candidate) => taken.has(candidate));
}
