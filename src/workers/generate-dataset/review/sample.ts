import { hashShare } from '../split/hash.ts';
import { createDraw, type Draw } from '../report/draw.ts';

export interface StratifiedDraw {
  add(id: string, stratum: string): void;
  /** The drawn ids: of each stratum its share, but at least one as long as there is room. */
  drawn(): Set<string>;
}

/** An even draw of `size` ids that gives each stratum its share. It depends on ids and seed, not on the order. */
export function createStratifiedDraw(size: number, seed: number): StratifiedDraw {
  const strata = new Map<string, { count: number; draw: Draw<string> }>();
  return {
    add(id, stratum) {
      const own = strata.get(stratum) ?? { count: 0, draw: createDraw<string>(size) };
      own.count += 1;
      own.draw.add(id, hashShare(seed, 'review', id));
      strata.set(stratum, own);
    },
    drawn() {
      const sorted = [...strata].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, stratum]) => stratum);
      const rooms = divide(
        sorted.map(({ count }) => count),
        size,
      );
      return new Set(sorted.flatMap(({ draw }, index) => draw.items().slice(0, rooms[index])));
    },
  };
}

/** Divide `size` in proportion to the counts, none of which gets more than it has, and one at least if there is room. */
export function divide(counts: readonly number[], size: number): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const rooms = counts.map(() => 0);
  // an empty stratum wants its first place before all others, a larger one sooner
  const want = (index: number): number =>
    ((counts[index] ?? 0) / total) * size - (rooms[index] ?? 0) + (rooms[index] === 0 ? size : 0);
  for (let left = Math.min(size, total); left > 0; left -= 1) {
    const open = counts.flatMap((count, index) => (count > (rooms[index] ?? 0) ? [index] : []));
    const next = open.reduce((best, index) => (want(index) > want(best) ? index : best));
    rooms[next] = (rooms[next] ?? 0) + 1;
  }
  return rooms;
}
