/** Sets of 32-bit hashes, one after the other in pages. */
export interface Sets {
  readonly length: number;
  /** sorted; shared memory */
  at(index: number): Uint32Array;
  /** Keep the `limit` smallest hashes: a fair sample, since hashes are random. */
  add(hashes: readonly number[]): void;
}

/** values of a page: pages are never copied, and the last one alone has room left */
const pageLength = 1 << 16;

/** `limit` is less than a page. */
export function createSets(limit: number): Sets {
  const pages: Uint32Array[] = [];
  // counted over all pages; a set that does not fit into the rest of a page begins with the next one
  let ends = new Uint32Array(1 << 10);
  let length = 0;
  const endOf = (index: number): number => (index < 0 ? 0 : (ends[index] ?? 0));
  const startOf = (index: number): number => Math.max(endOf(index - 1), pageOf(endOf(index) - 1) * pageLength);
  return {
    get length() {
      return length;
    },
    at(index) {
      const [start, end] = [startOf(index), endOf(index)];
      const from = start % pageLength;
      return pages[pageOf(start)]?.subarray(from, from + end - start) ?? new Uint32Array(0);
    },
    add(hashes) {
      const set = new Uint32Array(new Set(hashes)).sort().subarray(0, limit);
      let start = endOf(length - 1);
      if (start + set.length > pages.length * pageLength) {
        start = pages.length * pageLength;
        pages.push(new Uint32Array(pageLength));
      }
      pages.at(-1)?.set(set, start % pageLength);
      if (length === ends.length) ends = doubled(ends);
      ends[length] = start + set.length;
      length += 1;
    },
  };
}

const pageOf = (place: number): number => Math.floor(place / pageLength);

function doubled(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(2 * array.length);
  larger.set(array);
  return larger;
}

/**
 * Jaccard index of two sorted sets: exact below `limit` members, else an estimate from the `limit` smallest members of
 * their union.
 */
export function similarity(a: Uint32Array, b: Uint32Array, limit: number): number {
  let i = 0;
  let j = 0;
  let shared = 0;
  let union = 0;
  while (i < a.length && j < b.length && union < limit) {
    const x = a[i] ?? 0;
    const y = b[j] ?? 0;
    if (x === y) shared += 1;
    if (x <= y) i += 1;
    if (y <= x) j += 1;
    union += 1;
  }
  union = Math.min(union + (a.length - i) + (b.length - j), Math.max(limit, union));
  return union === 0 ? 0 : shared / union;
}

/** Whether all members of a sorted set are in another. */
export function isWithin(part: Uint32Array, whole: Uint32Array): boolean {
  let at = 0;
  for (const member of part) {
    while (at < whole.length && (whole[at] ?? 0) < member) at += 1;
    if (whole[at] !== member) return false;
  }
  return true;
}
