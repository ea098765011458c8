import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { createKeyIndex } from './key-index.ts';

const keyOf = (name: string): string => createHash('sha256').update(name).digest('hex');
const placeAt = (offset: number) => ({ shard: offset % 7, offset, length: 9, isOwn: offset % 2 === 0 });

test('the index holds what a Map holds', () => {
  const entries = fc.array(fc.tuple(fc.integer({ min: 0, max: 5000 }), fc.nat()), { maxLength: 6000, minLength: 1000 });
  fc.assert(
    fc.property(entries, (list) => {
      const index = createKeyIndex();
      const map = new Map<string, number>();
      for (const [name, offset] of list) {
        index.set(keyOf(String(name)), placeAt(offset));
        map.set(keyOf(String(name)), offset);
      }
      expect(index.size).toBe(map.size);
      for (const [key, offset] of map) expect(index.get(key)).toEqual(placeAt(offset));
      expect(index.get(keyOf('none'))).toBeUndefined();
    }),
    { numRuns: 5 },
  );
});
