export interface Counter {
  add(key: string, by?: number): unknown;
  /** The keys in alphabetical order, so that the same counts are the same bytes. */
  counts(): Record<string, number>;
}

export function createCounter(): Counter {
  const counts = new Map<string, number>();
  return {
    add: (key, by = 1) => counts.set(key, (counts.get(key) ?? 0) + by),
    counts: () => sortKeys(Object.fromEntries(counts)),
  };
}

export const sortKeys = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
