import type { Corpus, Generator, Unit } from '../corpus.ts';
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

/** A generator of the first `count` findings alone, evenly from its units. */
export function sampleRows(generator: Generator, count: number): Generator {
  const units = generator.units.slice(0, count);
  const each = Math.ceil(count / Math.max(1, units.length));
  return {
    ...generator,
    units: units.map((unit) => ({ ...unit, rowsPlanned: Math.min(unit.rowsPlanned, each) })),
    run: async (unit, signal) => (await generator.run(unit, signal)).slice(0, each),
  };
}
