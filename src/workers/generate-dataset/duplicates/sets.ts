/** Sets of 32-bit hashes, one after the other in one growing buffer. */
export interface Sets {
  readonly length: number;
  /** sorted; shared memory that is valid until the next `add` */
  at(index: number): Uint32Array;
  /** Keep the `limit` smallest hashes: a fair sample, since hashes are random. */
  add(hashes: readonly number[]): void;
}

export function createSets(limit: number): Sets {
  let values = new Uint32Array(1 << 12);
  let ends = new Uint32Array(1 << 8);
  let length = 0;
  const endOf = (index: number): number => (index < 0 ? 0 : (ends[index] ?? 0));
  return {
    get length() {
      return length;
    },
    at: (index) => values.subarray(endOf(index - 1), endOf(index)),
    add(hashes) {
      const set = new Uint32Array(new Set(hashes)).sort().subarray(0, limit);
      const start = endOf(length - 1);
      if (start + set.length > values.length) values = grown(values, start + set.length);
      if (length >= ends.length) ends = grown(ends, length + 1);
      values.set(set, start);
      ends[length] = start + set.length;
      length += 1;
    },
  };
}

/** less than twice, as these buffers are most of the memory */
const growth = 1.5;

function grown(array: Uint32Array<ArrayBuffer>, least: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(Math.max(least, Math.ceil(array.length * growth)));
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
