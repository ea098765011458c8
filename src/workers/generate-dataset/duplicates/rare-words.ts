import { createChains } from './chains.ts';
import { mix } from './hash.ts';
import type { Candidates } from './cluster.ts';
import type { Sets } from './sets.ts';

/** words of a text that are looked at: enough that a few changed or added ones leave two that both texts have */
const rarest = 8;
/** texts that one text is compared with, those that share its rarest words first: a template must not cost its square */
const visitLimit = 256;

/**
 * Finds short texts that share two of their rarest words. Among few words a MinHash needs so many small bands to miss
 * nothing that nearly every pair becomes a candidate; two rare words in common are seldom there by chance.
 */
export function createRareWordIndex(sets: Sets): Candidates {
  const counts = countsOf(sets);
  const chains = createChains(sets.length, (rarest * (rarest - 1)) / 2);
  let current: number[] = [];
  return {
    search(id, visit) {
      current = pairKeys(sets.at(id), counts);
      let visited = 0;
      for (const key of current) {
        if (visited === visitLimit) return;
        chains.find(key, (other) => {
          visit(other);
          visited += 1;
          return visited < visitLimit;
        });
      }
    },
    insert: (id) => chains.insert(id, current),
  };
}

/** In how many texts a word is, by the lower bits of its hash: a collision makes a rare word look less rare. */
function countsOf(sets: Sets): Uint32Array {
  const counts = new Uint32Array(1 << 20);
  for (let id = 0; id < sets.length; id += 1)
    for (const hash of sets.at(id)) counts[hash & (counts.length - 1)] = countOf(counts, hash) + 1;
  return counts;
}

const countOf = (counts: Uint32Array, hash: number): number => counts[hash & (counts.length - 1)] ?? 0;

/** A key for each two of the rarest words, the rarest first; for a single word that word. */
function pairKeys(words: Uint32Array, counts: Uint32Array): number[] {
  const chosen = [...words].sort((a, b) => countOf(counts, a) - countOf(counts, b) || a - b).slice(0, rarest);
  if (chosen.length === 1) return chosen.map((word) => mix(word) | 0);
  return chosen.flatMap((word, index) => chosen.slice(0, index).map((other) => keyOf(word, other)));
}

const keyOf = (a: number, b: number): number => mix(Math.imul(Math.min(a, b), 31) ^ Math.max(a, b)) | 0;
