import { contentWords, sharedWords } from '../checks/words.ts';
import { PromptRejected } from '../../model-endpoint/trouble.ts';
import type { ModelAsker } from './desk.ts';

/** an answer that goes on for longer says nothing more about the fact */
const maxTokens = 256;

/**
 * Ask the base model without the document. `known` is the share of the words of the answer that it tells by itself, 0 to
 * 1: words that the question gives away do not count. Undefined where it gave no answer, or there is no such word.
 */
export async function askClosedBook(
  asker: ModelAsker,
  question: string,
  answer: string,
): Promise<{ known: number | undefined; cost: number }> {
  try {
    const told = await asker.ask({ messages: [{ role: 'user', content: question }], temperature: 0, maxTokens });
    return { known: knownShare(question, answer, told.content), cost: told.cost ?? 0 };
  } catch (error) {
    if (error instanceof PromptRejected) return { known: undefined, cost: 0 };
    throw error;
  }
}

export function knownShare(question: string, answer: string, told: string): number | undefined {
  const asked = contentWords(question);
  const own = new Set([...contentWords(answer)].filter((word) => !asked.has(word)));
  return sharedWords(own, contentWords(told));
}
