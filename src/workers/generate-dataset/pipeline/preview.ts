import type { Corpus, Unit } from '../corpus.ts';
import { hashShare } from '../split/hash.ts';

/** The units cut down to a few chunks, drawn by the seed. */
export function sampleUnits(
  units: readonly Unit[],
  { chunks }: Pick<Corpus, 'chunks'>,
  count: number,
  seed: number,
): Unit[] {
  const draw = (chunk: number): number => hashShare(seed, 'preview', chunks[chunk]?.id ?? '');
  const drawn = units.flatMap((unit) => unit.chunks).sort((a, b) => draw(a) - draw(b));
  const sample = new Set(drawn.slice(0, count));
  return units.flatMap((unit): Unit[] => {
    const kept = unit.chunks.filter((chunk) => sample.has(chunk));
    return kept.length === 0 ? [] : [{ ...unit, chunks: kept, rowsPlanned: kept.length }];
  });
}
