import { getEventListeners } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { question, startAsking, type Asking, type AskingOptions } from '../../../tests/builders/asking.ts';
import { freePort } from '../../../tests/builders/free-port.ts';
import { createBudget } from './budget.ts';
import { latencyQuantile, usageMetrics } from './usage.ts';

const started: Asking[] = [];
async function start(options: AskingOptions): Promise<Asking> {
  const asking = await startAsking(options);
  started.push(asking);
  return asking;
}
afterEach(async () => {
  await Promise.all(started.splice(0).map((asking) => asking.close()));
});
const askMany = (asking: Asking, count: number) =>
  Promise.allSettled(Array.from({ length: count }, (_, index) => asking.asker.ask(question(`question ${index}`))));
const answered = (asking: Asking): string[] =>
  asking.log.filter(({ status }) => status === 200).map(({ request }) => request);

describe('requests at a time', () => {
  test('are never more than the spec allows', async () => {
    const asking = await start({ endpoint: { latencyMs: 5 }, input: { concurrency: 3 } });
    await askMany(asking, 30);
    expect(asking.live.most).toBe(3);
  });

  test('are fewer while the endpoint complains and as many as before when it is well again', async () => {
    const script = Array.from({ length: 6 }, () => 'status-503' as const);
    const asking = await start({ endpoint: { latencyMs: 5, script }, input: { concurrency: 8 } });
    const done = askMany(asking, 120);
    while (asking.log.filter(({ status }) => status === 503).length < 6) await sleep(1);
    await sleep(10);
    expect(asking.asker.live().concurrency).toBeLessThan(8);
    await done;
    expect(asking.asker.live()).toMatchObject({ concurrency: 8, inFlight: 0, queued: 0 });
    expect(new Set(answered(asking)).size).toBe(120);
  });

  test('the endpoint says how long to wait: nothing is asked in the meantime', async () => {
    const asking = await start({ endpoint: { script: ['status-429'], retryAfter: 0.2 }, input: { concurrency: 1 } });
    const before = performance.now();
    await askMany(asking, 3);
    expect(performance.now() - before).toBeGreaterThan(190);
    expect(asking.log).toHaveLength(4);
  });

  test('requests a minute are kept', async () => {
    const asking = await start({ input: { concurrency: 50, requestsPerMinute: 240 } });
    const before = performance.now();
    await askMany(asking, 24);
    const times = asking.log.map(({ startedAt }) => startedAt).sort((one, other) => one - other);
    // a twelfth at once, then one after the other: never more than 240 in any minute
    expect(times).toHaveLength(24);
    // from the start: what a busy machine hears late only makes the last one later
    expect(times[23]! - before).toBeGreaterThan((4 * 60_000) / 221 - 100);
  });
});

describe('[T25] budgets', () => {
  test('are never passed, with answers as long as they may be, and what is paid is found by a larger one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'answers-'));
    const endpoint = { answer: () => JSON.stringify({ facts: ['x'.repeat(2000)] }) };
    const asking = await start({ endpoint, folder, input: { concurrency: 6 }, budget: { maxTokens: 6000 } });
    const results = await askMany(asking, 40);
    const refused = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason as object);
    expect(refused[0]).toMatchObject({ exit: 'budget', reason: 'BudgetExceeded' });
    const { tokens, requests } = asking.usage();
    expect(tokens.input + tokens.output).toBeLessThanOrEqual(6000);
    expect(requests).toBeGreaterThan(6);
    // what was under way at the cap was stored, and only that was paid
    expect(asking.cache.size).toBe(answered(asking).length);
    await asking.close();
  });

  test('money is counted with the prices, for an answer and for the run', async () => {
    const asking = await start({
      budget: { prices: { input: 1, cachedInput: 0.1, output: 4 } },
      endpoint: { cachesPrefix: true },
    });
    const costs = [];
    for (const text of ['one', 'two']) costs.push((await asking.asker.ask(question(text))).cost ?? 0);
    const { input, cachedInput, output } = asking.usage().tokens;
    expect(cachedInput).toBe(5);
    expect(costs[0]! + costs[1]!).toBeCloseTo((input - 5 + 0.5 + 4 * output) / 1e6, 12);
    expect(asking.usage().cost).toBeCloseTo(costs[0]! + costs[1]!, 12);
  });

  test('a judge is costed at its own prices, and a restarted worker knows what was paid to whom', async () => {
    const budget = { prices: { input: 10, cachedInput: 1, output: 40 } };
    const writer = await start({ budget });
    const written = await writer.asker.ask(question('a row'));
    await writer.asker.close();
    await writer.cache.close();
    const judge = await start({
      budget,
      folder: writer.folder,
      input: { prices: { input: 1, cachedInput: 0, output: 2 } },
    });
    expect(judge.usage().cost).toBeCloseTo(written.cost!, 12);
    const { usage, cost } = await judge.asker.ask(question('a verdict'));
    expect(cost).toBeCloseTo((usage.input + 2 * usage.output) / 1e6, 12);
    expect(judge.usage().cost).toBeCloseTo(written.cost! + cost!, 12);
    // asked again, an answer says what it had cost, and nothing is paid
    expect((await judge.asker.ask(question('a verdict'))).cost).toBe(cost);
    expect(judge.usage().cost).toBeCloseTo(written.cost! + cost!, 12);
  });

  test('an earlier process of the run counts', async () => {
    const first = await start({});
    await askMany(first, 4);
    const { tokens } = first.usage();
    await first.asker.close();
    await first.cache.close();
    const budget = createBudget({ maxTokens: tokens.input + tokens.output + 10, maxCost: null, prices: null });
    const again = await start({ folder: first.folder });
    budget.spend(again.cache.paid().usage, 0);
    await expect(budget.at(null).reserve({ input: 11, cachedInput: 0, output: 0 })).rejects.toMatchObject({
      reason: 'BudgetExceeded',
    });
  });
});

describe('[T25] a request that went out and got no answer', () => {
  const prices = { input: 1, cachedInput: 1, output: 4 };
  const maxTokens = 100;

  test.each([
    ['slow', 'timeout'],
    ['cut', 'connection'],
    ['cut-body', 'connection'],
  ] as const)('%s counts as the most that it can have taken, in a restarted run too', async (fault, trouble) => {
    const asking = await start({
      endpoint: { script: [fault] },
      input: { timeoutSeconds: 0.2, maxTokens },
      budget: { prices },
    });
    const { usage } = await asking.asker.ask(question('what is it?'));
    const { requests, tokens, cost, retries } = asking.usage();
    expect(retries).toEqual({ [trouble]: 1 });
    expect(requests).toBe(2);
    expect(tokens.output).toBe(usage.output + maxTokens);
    expect(tokens.input).toBeGreaterThan(usage.input);
    expect(cost).toBeCloseTo((tokens.input + 4 * tokens.output) / 1e6, 12);
    await asking.asker.close();
    await asking.cache.close();
    const again = await start({ folder: asking.folder, budget: { prices } });
    expect(again.usage()).toMatchObject({ requests, tokens });
    expect(again.usage().cost).toBeCloseTo(cost!, 12);
  });

  test('again and again ends at the budget', async () => {
    const asking = await start({
      endpoint: { always: 'cut' },
      input: { maxTokens },
      budget: { maxTokens: 350 },
      policy: { patienceMs: 60_000, firstPatienceMs: 60_000 },
    });
    await expect(asking.asker.ask(question('what is it?'))).rejects.toMatchObject({ reason: 'BudgetExceeded' });
    expect(asking.log.length).toBeLessThanOrEqual(3);
    const { tokens } = asking.usage();
    expect(tokens.input + tokens.output).toBeLessThanOrEqual(350);
  });

  test('because the run was stopped counts too', async () => {
    const asking = await start({ endpoint: { latencyMs: 5000 }, input: { maxTokens, concurrency: 2 } });
    const answers = askMany(asking, 6);
    while (asking.live.inFlight < 2) await sleep(1);
    asking.stop.abort(new Error('stopped by SIGTERM'));
    for (const answer of await answers)
      expect(answer).toMatchObject({ status: 'rejected', reason: { message: 'stopped by SIGTERM' } });
    await asking.asker.close();
    expect(asking.usage()).toMatchObject({ requests: 2, tokens: { output: 2 * maxTokens } });
  });

  test('but one that found no connection, or was refused, costs nothing', async () => {
    const refused = await start({ endpoint: { script: ['status-503', 'status-429'] } });
    const { usage } = await refused.asker.ask(question('what is it?'));
    expect(refused.usage()).toMatchObject({ requests: 1, tokens: usage });
    const nobody = await start({ url: `http://127.0.0.1:${await freePort()}/v1` });
    await expect(nobody.asker.ask(question('is anybody there?'))).rejects.toMatchObject({
      reason: 'EndpointUnavailable',
    });
    expect(nobody.usage()).toMatchObject({ requests: 0, tokens: { input: 0, output: 0 } });
  });
});

describe('the same question', () => {
  test('asked twice at the same time is paid once, and found from then on', async () => {
    const asking = await start({ endpoint: { latencyMs: 5 } });
    const answers = await Promise.all(Array.from({ length: 5 }, () => asking.asker.ask(question('same'))));
    expect(asking.log).toHaveLength(1);
    expect(new Set(answers.map(({ content }) => content)).size).toBe(1);
    expect(await asking.asker.ask(question('same'))).toMatchObject({ isCached: true });
    expect(await asking.asker.ask(question('same', { seedIndex: 1 }))).toMatchObject({ isCached: false });
    expect(asking.usage()).toMatchObject({ requests: 2, cacheHits: 1 });
  });
});

test('a prompt that does not fit is not sent', async () => {
  const asking = await start({ input: { maxContextTokens: 1024, maxTokens: 512 } });
  await expect(asking.asker.ask(question('long '.repeat(1000)))).rejects.toMatchObject({
    reason: 'TOO_LONG_FOR_MODEL',
  });
  expect(asking.log).toHaveLength(0);
});

test('requests leave nothing behind on the signal of the run', async () => {
  const asking = await start({});
  const before = getEventListeners(asking.stop.signal, 'abort').length;
  await askMany(asking, 50);
  expect(getEventListeners(asking.stop.signal, 'abort').length).toBe(before);
});

test('answers that cannot be kept are not paid for any longer', async () => {
  const asking = await start({ endpoint: { latencyMs: 5 }, input: { concurrency: 2 } });
  await asking.asker.ask(question('kept'));
  // whoever takes the log away makes it as useless as a full disk does
  for (const name of readdirSync(asking.folder)) rmSync(join(asking.folder, name));
  const results = await askMany(asking, 30);
  expect(results.every(({ status }) => status === 'rejected')).toBe(true);
  expect(asking.log.length).toBeLessThanOrEqual(1 + 2 * 2);
});

describe('the end of a run', () => {
  test('comes with the first refusal: what was under way then is all that is asked', async () => {
    const asking = await start({ endpoint: { always: 'status-402', latencyMs: 5 }, input: { concurrency: 4 } });
    const results = await askMany(asking, 40);
    expect(results.every(({ status }) => status === 'rejected')).toBe(true);
    expect(asking.log.length).toBeLessThanOrEqual(4);
  });

  test('lets what is under way finish and keeps it, since it is paid for', async () => {
    const asking = await start({
      endpoint: {
        latencyMs: 40,
        faultFor: ({ messages }) => (messages.at(-1)?.content === 'question 0' ? 'status-402' : undefined),
      },
      input: { concurrency: 4 },
    });
    await asking.asker.ask(question('warm up'));
    const results = await askMany(asking, 20);
    expect(results.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0);
    await asking.asker.close();
    expect(asking.cache.size).toBe(answered(asking).length);
    expect(asking.cache.size).toBeGreaterThan(1);
  });

  test('by a signal ends what is under way at once', async () => {
    const asking = await start({ endpoint: { latencyMs: 5000 } });
    const answers = askMany(asking, 8);
    while (asking.live.inFlight < 4) await sleep(1);
    asking.stop.abort(new Error('stopped by SIGTERM'));
    expect((await answers).every(({ status }) => status === 'rejected')).toBe(true);
    await asking.asker.close();
    // the endpoint is still at work on its answers
    expect(asking.live.inFlight).toBe(4);
  });
});

test('[T42] usage is told by the names of progress reports', async () => {
  const asking = await start({
    endpoint: { latencyMs: 20, script: ['status-503'] },
    budget: { prices: { input: 1, cachedInput: 1, output: 1 } },
  });
  await askMany(asking, 10);
  const usage = asking.usage();
  expect(latencyQuantile(usage.latency, 0.5)).toBe(0.25);
  expect(usage.latency.counts.reduce((sum, count) => sum + count, 0)).toBe(10);
  expect(usageMetrics(usage)).toEqual({
    requests: 10,
    requests_in_flight: 0,
    requests_queued: 0,
    cache_hits: 0,
    input_tokens: usage.tokens.input,
    cached_input_tokens: 0,
    output_tokens: usage.tokens.output,
    cost: usage.cost,
    latency_p50_seconds: 0.25,
    latency_p95_seconds: latencyQuantile(usage.latency, 0.95),
    'retries.unavailable': 1,
  });
});
