/** Which texts have a key, in buckets of six bytes a key, as these tables are most of the memory of a comparison. */
export interface Chains {
  /** Call `visit` with the texts that have this key, the latest first; false ends it. */
  find(key: number, visit: (id: number) => boolean): void;
  /** Put a text in under its keys, at most `keysEach`. */
  insert(id: number, keys: Iterable<number>): void;
}

/** a key is told apart by its lower bits, which choose the bucket, and its upper 16 */
const leastSlots = 2 ** 16;

/** For at most `capacity` texts. Keys are 32-bit integers. */
export function createChains(capacity: number, keysEach: number): Chains {
  const slots = Math.max(leastSlots, 2 ** Math.floor(Math.log2(Math.max(capacity * keysEach, 1))));
  const heads = new Int32Array(slots).fill(-1);
  const tags = new Uint16Array(capacity * keysEach);
  const nexts = new Int32Array(capacity * keysEach);
  // by the order in which they were put in: entry / keysEach
  const ids = new Int32Array(capacity);
  let inserted = 0;
  return {
    find(key, visit) {
      for (let entry = heads[key & (slots - 1)] ?? -1; entry !== -1; entry = nexts[entry] ?? -1) {
        if (tags[entry] !== key >>> 16) continue;
        if (!visit(ids[Math.floor(entry / keysEach)] ?? -1)) return;
      }
    },
    insert(id, keys) {
      ids[inserted] = id;
      let entry = inserted * keysEach;
      for (const key of keys) {
        const slot = key & (slots - 1);
        tags[entry] = key >>> 16;
        nexts[entry] = heads[slot] ?? -1;
        heads[slot] = entry;
        entry += 1;
      }
      inserted += 1;
    },
  };
}
