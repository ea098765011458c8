import { askFor } from './ask-for.ts';
import type { Asker, AskerOptions, Met } from './asker.ts';
import { answerKey } from './cache/key.ts';
import { openLine } from './open-line.ts';
import { addTokens, noTokens, type Answer, type Question } from './question.ts';
import { PromptRejected } from './trouble.ts';

export type { Asker, AskerOptions };

/** The one way to ask a model: cache first, then limits and budget, then the endpoint; an answer counts when it is on disk. */
export async function openAsker(options: AskerOptions): Promise<Asker> {
  const { input, cache } = options;
  const budget = options.budget.at(input.prices);
  const line = await openLine({ ...options, budget });
  const answering = new Map<string, Promise<Answer>>();
  const found = createFound();
  let cacheHits = 0;

  const answerTo = async (key: string, question: Question, maxTokens: number): Promise<Answer> => {
    const known = await cache.get(key);
    if (known !== undefined) cacheHits += 1;
    else checkLength(options, question, maxTokens);
    const reply = known ?? (await line.ask(key, question, maxTokens));
    const answer = { ...reply, cost: budget.costOf(reply.usage), isCached: known !== undefined };
    if (answer.isCached && !cache.isOwn(key)) found.add(key, answer);
    return answer;
  };

  const asker: Asker = {
    maxTokens: input.maxTokens,
    ask(question) {
      const maxTokens = Math.min(question.maxTokens ?? input.maxTokens, input.maxTokens);
      const key = answerKey(input, question, maxTokens);
      const answer = answering.get(key) ?? answerTo(key, question, maxTokens).finally(() => answering.delete(key));
      // whoever asks the same at the same time shares the answer
      answering.set(key, answer);
      return answer;
    },
    askFor: (question, form) => askFor(asker, question, form),
    countRetry: (trouble) => cache.countRetry(trouble),
    live: () => ({ ...line.live(), cacheHits, found: found.met() }),
    close: () => line.close(),
  };
  return asker;
}

/** Counts each answer once, however often it is asked for. */
function createFound(): { add: (key: string, answer: Answer) => void; met: () => Met } {
  const keys = new Set<string>();
  let met: Met = { requests: 0, tokens: noTokens, cost: null };
  return {
    add(key, { usage, cost }) {
      if (keys.has(key)) return;
      keys.add(key);
      const { requests, tokens } = met;
      const money = cost === null ? met.cost : (met.cost ?? 0) + cost;
      met = { requests: requests + 1, tokens: addTokens(tokens, usage), cost: money };
    },
    met: () => met,
  };
}

function checkLength({ input, estimateTokens, field }: AskerOptions, { messages }: Question, maxTokens: number): void {
  if (input.maxContextTokens === null) return;
  const prompt = messages.reduce((sum, { content }) => sum + estimateTokens(content), 0);
  if (prompt + maxTokens <= input.maxContextTokens) return;
  const detail = `about ${prompt} tokens and ${maxTokens} for the answer are more than ${field}.maxContextTokens ${input.maxContextTokens}`;
  throw new PromptRejected('TOO_LONG_FOR_MODEL', detail);
}
