import { createHash } from 'node:crypto';
import type { Fact } from '../fact.ts';

/** Two questions that differ in case, white space or punctuation only are the same question. */
export const normaliseQuestion = (question: string): string =>
  question
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_.@/$-]+/gu, ' ')
    .trim();

/** What is asked, with what was asked before: conversations end alike. */
export const questionInContext = ({ earlier = [] }: Pick<Fact, 'earlier'>, question: string): string =>
  [...earlier.map((turn) => turn.question), question].join('\n');

/** Questions that were asked, kept as numbers: the texts of a large dataset would not fit the memory. */
export interface AskedQuestions {
  has(question: string): boolean;
  add(question: string): void;
}

export function createAskedQuestions(): AskedQuestions {
  const known = new Set<number>();
  return {
    has: (question) => known.has(keyOf(question)),
    add: (question) => void known.add(keyOf(question)),
  };
}

/** 48 bits: two of a million questions are taken for one another once in five hundred datasets. */
const keyOf = (question: string): number =>
  createHash('sha256').update(normaliseQuestion(question)).digest().readUIntBE(0, 6);
