import { createChains } from './chains.ts';
import { mix } from './hash.ts';

export interface IndexShape {
  /** a pair of similarity s is a candidate with the chance 1 - (1 - s^rows)^bands */
  bands: number;
  rows: number;
}

/** Finds sets that are probably alike, by MinHash signatures cut into bands (locality sensitive hashing). */
export interface Index {
  /** Call `visit` with each set in the index that shares a band with this one; a set may come up several times. */
  search(set: Uint32Array, visit: (id: number) => void): void;
  /** Put the set that was searched last into the index. */
  insert(id: number): void;
}

/** entries of one bucket that are looked at: what all the texts of a template share must not cost the square of them */
const bucketLimit = 64;

export function createIndex({ bands, rows }: IndexShape, capacity: number): Index {
  const [factors, terms] = [coefficients(bands * rows, 1), coefficients(bands * rows, 2)];
  const chains = createChains(capacity, bands);
  const current = new Int32Array(bands);
  const signature = new Uint32Array(bands * rows);
  return {
    search(set, visit) {
      sign(set, signature, factors, terms);
      for (let band = 0; band < bands; band += 1) {
        const key = bandKey(signature, band, rows);
        current[band] = key;
        let seen = 0;
        chains.find(key, (id) => {
          visit(id);
          seen += 1;
          return seen < bucketLimit;
        });
      }
    },
    insert: (id) => chains.insert(id, current),
  };
}

/** Odd numbers, fixed: the same texts give the same candidates in every run. */
const coefficients = (count: number, seed: number): Uint32Array =>
  Uint32Array.from({ length: count }, (_, index) => mix(mix(index + 1) ^ mix(seed)) | 1);

/** The least value of the set under each permutation. */
function sign(set: Uint32Array, signature: Uint32Array, factors: Uint32Array, terms: Uint32Array): void {
  for (let row = 0; row < signature.length; row += 1) {
    const factor = factors[row] ?? 1;
    const term = terms[row] ?? 0;
    let least = 0xffffffff;
    for (const value of set) {
      const hash = (Math.imul(value, factor) + term) >>> 0;
      if (hash < least) least = hash;
    }
    signature[row] = least;
  }
}

function bandKey(signature: Uint32Array, band: number, rows: number): number {
  let key = band + 1;
  for (let row = band * rows; row < (band + 1) * rows; row += 1) key = mix(Math.imul(key, 31) ^ (signature[row] ?? 0));
  return key | 0;
}
