import { gramsOf, piecesOf, spread } from './grams.ts';
import { publicBenchmarks, type PublicBenchmark } from './public.ts';

export interface Contamination {
  /** Remember a text that must not be trained: question or answer of a row that is held back. */
  hold(name: string, text: string): void;
  /** What a text repeats beyond the threshold; undefined if nothing. */
  check(text: string): Repetition | undefined;
}

export interface Repetition {
  /** of the text that is held back, or of the public benchmark such as `HumanEval` */
  name: string;
  /** of the groups of words of the shorter of both texts, the share that both have, 0 to 1 */
  share: number;
}

export interface Settings {
  threshold?: number;
  benchmarks?: readonly PublicBenchmark[];
  /** whether a text that is too short for a group is compared as a whole; not for rows with canned answers */
  isShortCompared?: boolean;
}

/** groups remembered of one text */
const remembered = 32;

interface Held {
  name: string;
  /** groups of the text in all, and of these how many are remembered */
  total: number;
  stored: number;
}

/** Finds texts that repeat others word for word, by groups of 13 words (20 Chinese characters). */
export function createContamination({
  threshold = 0.3,
  benchmarks = publicBenchmarks,
  isShortCompared = false,
}: Settings = {}): Contamination {
  const groupsOf = isShortCompared ? piecesOf : gramsOf;
  const held: Held[] = [];
  // of texts that share a group the first one is named
  const owners = new Map<number, number>();
  const remember = (name: string, total: number, grams: readonly number[]): void => {
    if (grams.length === 0) return;
    held.push({ name, total, stored: grams.length });
    for (const gram of grams) if (!owners.has(gram)) owners.set(gram, held.length - 1);
  };
  for (const { name, items } of benchmarks) for (const { total, grams } of items) remember(name, total, grams);
  return {
    hold(name, text) {
      const grams = groupsOf(text);
      remember(name, grams.length, spread(grams, remembered));
    },
    check(text) {
      const grams = new Set(groupsOf(text));
      const matches = new Map<number, number>();
      for (const gram of grams) {
        const owner = owners.get(gram);
        if (owner !== undefined) matches.set(owner, (matches.get(owner) ?? 0) + 1);
      }
      let worst: Repetition | undefined;
      for (const [owner, count] of matches) {
        const entry = held[owner];
        if (entry === undefined) continue;
        const share = shareOf(count, grams.size, entry);
        if (share >= threshold && share > (worst?.share ?? 0)) worst = { name: entry.name, share };
      }
      return worst;
    },
  };
}

/** Of a long text only some groups are remembered, so those of a short one are expected to be found that rarely. */
function shareOf(count: number, size: number, { total, stored }: Held): number {
  const ofHeld = count / stored;
  const ofText = count / (size * (stored / total));
  return Math.min(total <= size ? ofHeld : Math.max(ofHeld, ofText), 1);
}
