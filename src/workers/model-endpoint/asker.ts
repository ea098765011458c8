import type { Logger } from 'pino';
import { createBudget } from './budget.ts';
import { cacheKey, createCache, type CacheEntry } from './cache.ts';
import { openEndpoint, type EndpointInput, type Question, type Reply, type TokenCounts } from './endpoint.ts';
import { askUntilAnswered, defaultRetry, type RetryPolicy } from './retry.ts';

export interface AskerOptions {
  input: EndpointInput;
  /** folder of the response cache */
  cacheFolder: string;
  /** id of the run, so that a restarted worker knows what its own run has paid */
  run: string;
  maxTokens: number | null;
  estimateTokens: (text: string) => number;
  signal: AbortSignal;
  log: Logger;
  retry?: RetryPolicy;
}

export interface Asker {
  ask(question: Question): Promise<Pick<Reply, 'content' | 'finishReason'>>;
  /** what this run has paid so far, earlier attempts included */
  usage(): { requests: number } & TokenCounts;
}

/** The one way to ask a model: cache first, then budget, then the endpoint with retries; an answer counts when it is on disk. */
export async function createAsker(options: AskerOptions): Promise<Asker> {
  const { input, run, estimateTokens, signal, log } = options;
  const endpoint = await openEndpoint(input);
  const cache = createCache(options.cacheFolder);
  const budget = createBudget(options.maxTokens);
  const total = { requests: 0, input: 0, cachedInput: 0, output: 0 };
  const counted = new Set<string>();
  const count = (key: string, { usage }: CacheEntry): void => {
    if (counted.has(key)) return;
    counted.add(key);
    total.requests += 1;
    total.input += usage.input;
    total.cachedInput += usage.cachedInput;
    total.output += usage.output;
  };

  return {
    usage: () => ({ ...total }),
    async ask(question) {
      const key = cacheKey(input, question);
      const known = await cache.get(key);
      if (known !== undefined) {
        if (known.run === run && !counted.has(key)) budget.spend(known.usage.input + known.usage.output);
        if (known.run === run) count(key, known);
        return known;
      }
      const promptTokens = estimateTokens(question.messages.map(({ content }) => content).join('\n'));
      const settle = await budget.reserve(promptTokens + input.maxTokens);
      let used = 0;
      try {
        const onRetry = (why: string, waitMs: number): void =>
          log.warn({ why, waitMs: Math.round(waitMs) }, 'asking again');
        const reply = await askUntilAnswered(
          () => endpoint.ask(question, signal),
          options.retry ?? defaultRetry,
          signal,
          onRetry,
        );
        const usage = reply.usage ?? { input: promptTokens, cachedInput: 0, output: estimateTokens(reply.content) };
        used = usage.input + usage.output;
        const entry: CacheEntry = { run, content: reply.content, finishReason: reply.finishReason, usage };
        await cache.put(key, entry);
        count(key, entry);
        return entry;
      } finally {
        settle(used);
      }
    },
  };
}
