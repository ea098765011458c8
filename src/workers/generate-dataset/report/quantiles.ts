import type { Quantiles } from '../../../contract/report.ts';

export interface Distribution {
  add(value: number): void;
  /** How many values are larger. */
  above(limit: number): number;
  count(): number;
  quantiles(): Quantiles;
}

/** Exact quantiles of whole numbers. Memory grows with the different numbers, not with how many there are. */
export function createDistribution(): Distribution {
  const counts = new Map<number, number>();
  let [total, sum] = [0, 0];
  const sorted = (): [number, number][] => [...counts].sort(([a], [b]) => a - b);
  return {
    add(value) {
      counts.set(value, (counts.get(value) ?? 0) + 1);
      total += 1;
      sum += value;
    },
    above: (limit) => [...counts].reduce((above, [value, count]) => above + (value > limit ? count : 0), 0),
    count: () => total,
    quantiles() {
      if (total === 0) return null;
      const values = sorted();
      const at = (share: number): number => valueAt(values, Math.max(1, Math.ceil(share * total)));
      const mean = Math.round((sum / total) * 100) / 100;
      return { min: at(0), p50: at(0.5), p90: at(0.9), p95: at(0.95), p99: at(0.99), max: at(1), mean };
    },
  };
}

function valueAt(sorted: readonly (readonly [number, number])[], rank: number): number {
  let seen = 0;
  for (const [value, count] of sorted) {
    seen += count;
    if (seen >= rank) return value;
  }
  return sorted.at(-1)?.[0] ?? 0;
}
