import { wideCharacters } from '../chunk/tokens.ts';
import { hashOf } from './hash.ts';
import { isFunctionWord, namesIn, oppositesIn, thingsIn, withoutFillers, wordsOf } from './words.ts';

const isWide = new RegExp(`^[${wideCharacters}]$`);

/** A second occurrence of the same word is another member of the set. */
function hashAll(parts: readonly string[], seed: number): number[] {
  const seen = new Map<string, number>();
  return parts.map((part) => {
    const count = seen.get(part) ?? 0;
    seen.set(part, count + 1);
    return hashOf(part, seed + count);
  });
}

/** Groups of `size` words (Chinese: characters) that follow each other; the whole of a shorter text. */
export function shingles(text: string, size = 5): number[] {
  const words = wordsOf(text);
  if (words.length === 0) return [];
  const count = Math.max(words.length - size + 1, 1);
  return Array.from({ length: count }, (_, at) => hashOf(words.slice(at, at + size).join(' ')));
}

export interface RowFeatures {
  /** of the question */
  words: number[];
  /** pairs of letters within words, and of neighbouring Chinese characters: what a slip of the pen leaves alone */
  pairs: number[];
  /** words that another question must have too if it asks the same: of names, numbers, opposites */
  telling: number[];
  /** whole names, numbers and quoted parts: "oas-fastify" is not "fastify-oas" */
  things: number[];
  /** words of the question that its answer takes up */
  topic: number[];
  /** words of the answer */
  answer: number[];
  /** words of the names and numbers in the answer */
  names: number[];
}

/** Words have the same hash in all of these. */
export function rowFeatures(question: string, answer: string): RowFeatures {
  const words = wordsOf(withoutFillers(question));
  const things = thingsIn(question);
  const answerWords = wordsOf(answer);
  const known = new Set(answerWords);
  return {
    words: hashAll(words, 1),
    pairs: hashAll(pairsOf(words), 1000),
    telling: hashAll([...new Set([...things.flat(), ...oppositesIn(question)])], 1),
    things: things.map((words) => hashOf(words.join(' '), 5000)),
    topic: hashAll([...new Set(words.filter((word) => known.has(word) && !isFunctionWord(word)))], 1),
    answer: hashAll(answerWords, 1),
    names: hashAll([...new Set(namesIn(answer))], 1),
  };
}

function pairsOf(words: readonly string[]): string[] {
  return words.flatMap((word, index) => {
    if (!isWide.test(word)) return Array.from({ length: word.length + 1 }, (_, at) => ` ${word} `.slice(at, at + 2));
    const next = words[index + 1];
    return next !== undefined && isWide.test(next) ? [word + next] : [];
  });
}
