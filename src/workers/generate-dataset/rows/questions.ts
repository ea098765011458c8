import type { RejectedRow } from '../../../contract/rows.ts';
import { reject, type Candidate } from '../candidate.ts';

/** Two questions that differ in case, white space or punctuation only are the same question. */
export const normaliseQuestion = (question: string): string =>
  question
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_.@/$-]+/gu, ' ')
    .trim();

/** Keep each question once in the whole dataset, and `wordings` of them for a fact. A fact that is left without one is rejected. */
export function uniqueQuestions(
  candidates: readonly Candidate[],
  wordings: number,
): { kept: Candidate[]; rejected: RejectedRow[] } {
  const seen = new Set<string>();
  const kept: Candidate[] = [];
  const rejected: RejectedRow[] = [];
  for (const candidate of candidates) {
    const { fact, document, chunk } = candidate;
    const isTaken = fact.questions.some((question) => seen.has(normaliseQuestion(question)));
    // one wording that also asks another fact makes the others doubtful too
    if (isTaken) {
      rejected.push(reject('DUPLICATE_QUESTION', fact.questions[0] ?? '', document, chunk, { answer: fact.answer }));
      continue;
    }
    const questions = new Map(fact.questions.map((question) => [normaliseQuestion(question), question]));
    for (const key of questions.keys()) seen.add(key);
    kept.push({ ...candidate, fact: { ...fact, questions: [...questions.values()].slice(0, wordings) } });
  }
  return { kept, rejected };
}
