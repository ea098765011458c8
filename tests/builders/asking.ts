import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { endpointInputSchema, type EndpointInput } from '../../src/contract/inputs/generate.ts';
import { createBudget, type Budget, type BudgetOptions } from '../../src/workers/model-endpoint/budget.ts';
import { openAnswerCache, type AnswerCache } from '../../src/workers/model-endpoint/cache/open.ts';
import { openAsker, type Asker } from '../../src/workers/model-endpoint/open-asker.ts';
import { defaultPolicy, type Policy } from '../../src/workers/model-endpoint/policy.ts';
import type { Question } from '../../src/workers/model-endpoint/question.ts';
import { usageOf, type Usage } from '../../src/workers/model-endpoint/usage.ts';
import { createEndpoint, listen, type EndpointOptions, type LogEntry } from '../model-endpoint/index.ts';

export interface Asking {
  asker: Asker;
  cache: AnswerCache;
  budget: Budget;
  log: LogEntry[];
  live: { inFlight: number; most: number };
  usage: () => Usage;
  /** what the worker logged */
  lines: string[];
  folder: string;
  url: string;
  stop: AbortController;
  close: () => Promise<void>;
}

/** waits that a test can afford */
export const hasty: Policy = {
  ...defaultPolicy,
  // no clock of a busy machine decides what is asked
  probeMs: 60_000,
  baseMs: 1,
  capMs: 8,
  patienceMs: 300,
  firstPatienceMs: 200,
};

export interface AskingOptions {
  endpoint?: EndpointOptions;
  /** of an endpoint that listens already, in place of one made for this */
  url?: string;
  input?: Partial<EndpointInput>;
  budget?: Partial<BudgetOptions>;
  policy?: Partial<Policy>;
  folder?: string;
  run?: string;
}

/** An asker in front of a scripted endpoint that listens for real. */
export async function startAsking(options: AskingOptions = {}): Promise<Asking> {
  const { server, log, live } = createEndpoint({ answer: () => '{"facts":["one"]}', ...options.endpoint });
  const { url, close } =
    options.url === undefined ? await listen(server) : { url: options.url, close: () => undefined };
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'answers-'));
  const lines: string[] = [];
  const logger = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
  const cache = await openAnswerCache({ folder, run: options.run ?? 'a1b2c3d4', log: logger });
  const budget = createBudget({ maxTokens: null, maxCost: null, prices: null, ...options.budget });
  const stop = new AbortController();
  const asker = await openAsker({
    input: inputFor(url, options.input),
    field: 'spec.generator.openai',
    cache,
    budget,
    estimateTokens: (text) => Math.ceil(text.length / 4),
    signal: stop.signal,
    log: logger,
    policy: { ...hasty, ...options.policy },
  });
  return {
    asker,
    cache,
    budget,
    log,
    live,
    lines,
    folder,
    url,
    stop,
    usage: () => usageOf(cache, budget, [asker]),
    async close() {
      await asker.close();
      await cache.close();
      close();
    },
  };
}

/** `changes` may be what no spec allows, such as a tenth of a second. */
export const inputFor = (baseURL: string, changes: Partial<EndpointInput> = {}): EndpointInput => ({
  ...endpointInputSchema.parse({ baseURL, model: 'scripted', maxTokens: 512, concurrency: 4, timeoutSeconds: 5 }),
  ...changes,
});

export const question = (text: string, changes: Partial<Question> = {}): Question => ({
  messages: [
    { role: 'system', content: 'You answer in json.' },
    { role: 'user', content: text },
  ],
  temperature: 0.3,
  ...changes,
});
