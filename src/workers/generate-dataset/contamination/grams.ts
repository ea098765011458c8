import { wideCharacters } from '../chunk/tokens.ts';
import { hashOf } from '../duplicates/hash.ts';
import { wordsOf } from '../duplicates/words.ts';

/** words of a group; 20 Chinese characters weigh as much */
const wordsOfGram = 13;
const wideWeight = wordsOfGram / 20;
/** a text with fewer is repeated by chance */
const minWords = 5;
const isWide = new RegExp(`^[${wideCharacters}]$`);

/** Two independent 32-bit hashes in one number below 2^53: enough that two groups of words never meet by chance. */
const gramHash = (text: string): number => (hashOf(text, 7) & 0x1fffff) * 2 ** 32 + hashOf(text, 11);

/** Every group of 13 words in a row (20 Chinese characters); none of a text that is shorter. */
export function gramsOf(text: string): number[] {
  const words = wordsOf(text);
  const weights = words.map((word) => (isWide.test(word) ? wideWeight : 1));
  const grams: number[] = [];
  let end = 0;
  let weight = 0;
  for (let start = 0; start < words.length; start += 1) {
    // sums of 0.65 are not exact
    while (end < words.length && weight < wordsOfGram - 1e-6) {
      weight += weights[end] ?? 0;
      end += 1;
    }
    if (weight < wordsOfGram - 1e-6) break;
    grams.push(gramHash(words.slice(start, end).join(' ')));
    weight -= weights[start] ?? 0;
  }
  return grams;
}

/** The groups of a text; one that is too short for any is compared as a whole. */
export function piecesOf(text: string): number[] {
  const grams = gramsOf(text);
  if (grams.length > 0) return grams;
  const words = wordsOf(text);
  const weight = words.reduce((sum, word) => sum + (isWide.test(word) ? wideWeight : 1), 0);
  return weight < minWords ? [] : [gramHash(words.join(' '))];
}

/** At most `count` of the groups, spread evenly over the text. */
export function spread(grams: readonly number[], count: number): number[] {
  const step = Math.max(grams.length / count, 1);
  return Array.from({ length: Math.min(count, grams.length) }, (_, index) => grams[Math.floor(index * step)] ?? 0);
}
