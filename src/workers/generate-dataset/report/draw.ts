import TinyQueue from 'tinyqueue';

export interface Draw<T> {
  /** `share` from 0 to 1 decides: the smallest ones stay. */
  add(item: T, share: number): void;
  /** The drawn items, smallest share first. */
  items(): T[];
}

/** An even draw of `size` items from a stream of unknown length that depends on the shares alone, not on the order. */
export function createDraw<T>(size: number): Draw<T> {
  const largestFirst = new TinyQueue<{ item: T; share: number }>([], (a, b) => b.share - a.share);
  return {
    add(item, share) {
      if (largestFirst.length >= size) {
        const largest = largestFirst.peek();
        if (largest === undefined || largest.share <= share) return;
        largestFirst.pop();
      }
      largestFirst.push({ item, share });
    },
    items: () => [...largestFirst.data].sort((a, b) => a.share - b.share).map(({ item }) => item),
  };
}
