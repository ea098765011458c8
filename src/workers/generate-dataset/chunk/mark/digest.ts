import { mix } from '../../duplicates/hash.ts';
import { hashOf } from '../../duplicates/hash.ts';

/** A number of 53 bits for a text, the same when only white space and case differ. */
export function digestOf(text: string): number {
  const plain = text.toLowerCase().replace(/\s+/g, ' ').trim();
  const [high, low] = [mix(hashOf(plain, 17)) & 0x1fffff, hashOf(plain, 23)];
  return high * 2 ** 32 + low;
}
