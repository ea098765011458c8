import type { Fact } from '../fact.ts';
import { normaliseQuestion, questionInContext, type AskedQuestions } from './questions.ts';

/**
 * The first `wordings` different questions of a fact; undefined if one of them was asked for another fact before: a
 * wording that also asks something else makes the others doubtful too. What is taken counts as asked.
 */
export function takeQuestions(fact: Fact, wordings: number, asked: AskedQuestions): string[] | undefined {
  const inContext = (question: string): string => questionInContext(fact, question);
  if (fact.questions.some((question) => asked.has(inContext(question)))) return undefined;
  const own = new Map(fact.questions.map((question) => [normaliseQuestion(question), question]));
  for (const question of own.values()) asked.add(inContext(question));
  return [...own.values()].slice(0, wordings);
}
