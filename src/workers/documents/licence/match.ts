import { declaredLicence } from './declared.ts';
import { unknownLicence } from './expression.ts';

interface Known {
  id: string;
  words: readonly string[];
}

/** Dice's coefficient of the pairs of words at and above which a text is that licence; SPDX lets single words differ. */
const leastLikeness = 0.9;
/** Names and years of owners, and what follows the terms, are no part of a licence. */
const copyright =
  /^[^\w\n]{0,16}(copyright\b.*(\(c\)|©|\d{4}|year|yyyy)|\(c\)|©).*$|^[^\w\n]{0,16}all rights reserved[^\w\n]{0,16}$/gim;
const afterTerms = /end of terms and conditions[\s\S]*$/i;

const wordsOf = (text: string): string[] =>
  text
    .replace(afterTerms, '')
    .replace(copyright, '')
    .toLowerCase()
    .replace(/https?:\/\//g, '')
    .match(/[\p{L}\d]{2,}/gu) ?? [];

let known: Promise<Known[]> | undefined;

/** Five megabytes of texts, which most runs never need. */
async function load(): Promise<Known[]> {
  const { default: list } = await import('spdx-license-list/full.js');
  return Object.entries(list)
    .map(([id, { licenseText }]) => ({ id, words: wordsOf(licenseText) }))
    .sort((a, b) => preference(a.id) - preference(b.id) || (a.id < b.id ? -1 : 1));
}

/** Of names for one text: "-only" says no more than the text does, and the bare GNU names are out of use. */
const preference = (id: string): number => {
  if (id.endsWith('-only')) return 0;
  return /-or-later$|\+$/.test(id) ? 2 : 1;
};

/** in characters; the longest licence of SPDX has a third of it */
const maxLength = 200_000;

/** The SPDX identifier of the text of a LICENSE file; the unknown licence where none is alike. */
export async function matchLicence(text: string): Promise<string> {
  if (text.length > maxLength) return unknownLicence;
  const declared = declaredLicence(text, 'text');
  if (declared !== undefined) return declared;
  const words = wordsOf(text);
  const pairs = pairsOf(words);
  let best = { id: unknownLicence, likeness: leastLikeness };
  for (const { id, words: others } of await (known ??= load())) {
    if (!isNearInLength(words.length, others.length)) continue;
    const likeness = dice(pairs, pairsOf(others));
    if (likeness > best.likeness) best = { id, likeness };
  }
  return best.id;
}

/** far enough apart in length, two texts cannot be alike */
const isNearInLength = (a: number, b: number): boolean => Math.min(a, b) / Math.max(a, b) > leastLikeness / 1.1;

function pairsOf(words: readonly string[]): Set<string> {
  return new Set(words.slice(1).map((word, index) => `${words[index] ?? ''} ${word}`));
}

function dice(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let shared = 0;
  for (const pair of a) if (b.has(pair)) shared += 1;
  return (2 * shared) / Math.max(1, a.size + b.size);
}
