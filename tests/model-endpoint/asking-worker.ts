/**
 * A program that asks COUNT questions of the endpoint at URL and prints the digest of all answers: what is killed in tests.
 * FOLDER keeps the answers, RUN names the run.
 */
import { createHash } from 'node:crypto';
import { pino } from 'pino';
import { z } from 'zod';
import { endpointInputSchema } from '../../src/contract/inputs/generate.ts';
import { createBudget } from '../../src/workers/model-endpoint/budget.ts';
import { openAnswerCache } from '../../src/workers/model-endpoint/cache/open.ts';
import { formOf } from '../../src/workers/model-endpoint/form.ts';
import { acquireLease } from '../../src/workers/model-endpoint/lease/acquire.ts';
import { openAsker } from '../../src/workers/model-endpoint/open-asker.ts';
import { defaultPolicy } from '../../src/workers/model-endpoint/policy.ts';

const {
  URL: baseURL = '',
  FOLDER: folder = '',
  RUN: run = '',
  COUNT: count = '0',
  CONCURRENCY: concurrency = '4',
} = process.env;
const { signal } = new AbortController();
const log = pino({ level: 'silent' });

const lease = await acquireLease(folder, `run-${run}`, { signal });
const cache = await openAnswerCache({ folder, run, log });
const asker = await openAsker({
  input: endpointInputSchema.parse({
    baseURL,
    model: 'scripted',
    maxTokens: 256,
    concurrency: Number(concurrency),
    timeoutSeconds: 30,
  }),
  field: 'spec.generator.openai',
  cache,
  budget: createBudget({ maxTokens: null, maxCost: null, prices: null }),
  estimateTokens: (text) => Math.ceil(text.length / 4),
  signal,
  log,
  policy: { ...defaultPolicy, baseMs: 1, capMs: 10 },
});
const questions = Array.from({ length: Number(count) }, (_, index) => `Answer question ${index} in json.`);
const form = formOf('answer', z.object({ answer: z.string() }));
const answers = await Promise.all(
  questions.map((content) => asker.askFor({ messages: [{ role: 'user', content }], temperature: 0 }, form)),
);
const digest = createHash('sha256')
  .update(JSON.stringify(answers.map((answer) => ('value' in answer ? answer.value : answer.reason))))
  .digest('hex');
const { requests } = cache.paid();
await asker.close();
await cache.close();
await lease.release();
console.log(JSON.stringify({ digest, requests }));
