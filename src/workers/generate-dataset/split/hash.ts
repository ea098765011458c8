import { createHash } from 'node:crypto';

/** A number from 0 (inclusive) to 1 that depends on the seed and the key alone, so that it never moves as a dataset grows. */
export function hashShare(seed: number, purpose: string, key: string): number {
  const hash = createHash('sha256').update(`${seed}\n${purpose}\n${key}`).digest();
  return hash.readUIntBE(0, 6) / 2 ** 48;
}
