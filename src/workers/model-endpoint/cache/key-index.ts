/** Where a line lies. */
export interface Place {
  shard: number;
  offset: number;
  length: number;
  /** whether the run itself paid for it */
  isOwn: boolean;
}

/** words of 32 bits that are kept of a key: 128 bits never meet by chance, and the line itself has the whole key */
const words = 4;
const first = 1024;

/**
 * From keys to places, 40 to 80 bytes each; a Map of strings and objects takes several hundred. Open addressing; entries
 * are never removed.
 */
export interface KeyIndex {
  get(key: string): Place | undefined;
  set(key: string, place: Place): void;
  readonly size: number;
}

export function createKeyIndex(): KeyIndex {
  let capacity = first;
  let keys = new Uint32Array(capacity * words);
  let shards = new Uint16Array(capacity);
  let offsets = new Float64Array(capacity);
  let lengths = new Uint32Array(capacity);
  let owns = new Uint8Array(capacity);
  let size = 0;

  const slotOf = (key: Uint32Array): number => {
    for (let slot = (key[0] ?? 0) % capacity; ; slot = (slot + 1) % capacity) {
      // a line is never empty
      if (lengths[slot] === 0) return slot;
      if (key.every((word, index) => keys[slot * words + index] === word)) return slot;
    }
  };
  const put = (key: Uint32Array, { shard, offset, length, isOwn }: Place): void => {
    const slot = slotOf(key);
    if (lengths[slot] === 0) size += 1;
    keys.set(key, slot * words);
    shards[slot] = shard;
    offsets[slot] = offset;
    lengths[slot] = length;
    owns[slot] = Number(isOwn);
  };
  const read = (slot: number): Place => ({
    shard: shards[slot] ?? 0,
    offset: offsets[slot] ?? 0,
    length: lengths[slot] ?? 0,
    isOwn: owns[slot] === 1,
  });
  const grow = (): void => {
    const old = { keys, shards, offsets, lengths, owns };
    capacity *= 2;
    keys = new Uint32Array(capacity * words);
    shards = new Uint16Array(capacity);
    offsets = new Float64Array(capacity);
    lengths = new Uint32Array(capacity);
    owns = new Uint8Array(capacity);
    size = 0;
    for (const [slot, length] of old.lengths.entries()) {
      if (length === 0) continue;
      const key = old.keys.subarray(slot * words, (slot + 1) * words);
      put(key, { shard: old.shards[slot] ?? 0, offset: old.offsets[slot] ?? 0, length, isOwn: old.owns[slot] === 1 });
    }
  };

  return {
    get(key) {
      const slot = slotOf(wordsOf(key));
      return lengths[slot] === 0 ? undefined : read(slot);
    },
    set(key, place) {
      if (size * 4 > capacity * 3) grow();
      put(wordsOf(key), place);
    },
    get size() {
      return size;
    },
  };
}

function wordsOf(key: string): Uint32Array {
  const bytes = Buffer.from(key.slice(0, words * 8), 'hex');
  return Uint32Array.from({ length: words }, (_, index) => bytes.readUInt32LE(index * 4));
}
