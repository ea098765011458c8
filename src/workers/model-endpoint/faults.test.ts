import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { question, startAsking, type Asking, type AskingOptions } from '../../../tests/builders/asking.ts';
import type { Chat } from '../../../tests/model-endpoint/chat.ts';
import type { Fault } from '../../../tests/model-endpoint/index.ts';
import { formOf } from './form.ts';

let asking: Asking | undefined;
afterEach(async () => {
  await asking?.close();
  asking = undefined;
});

const form = formOf('facts', z.strictObject({ facts: z.array(z.string()) }));
const value = { facts: ['one'] };
const containing = (text: string): unknown => expect.stringContaining(text);
const answered: unknown = expect.objectContaining({ value, answers: 1 });

/** Ask one question while the endpoint plays a fault once. */
async function askAmid(fault: Fault, options: AskingOptions = {}) {
  asking = await startAsking({ ...options, endpoint: { script: [fault], ...options.endpoint } });
  const outcome = await asking.asker.askFor(question('what is it?'), form).catch((error: unknown) => ({ error }));
  return { outcome, asking, requests: asking.log.length, usage: asking.usage() };
}

describe('trouble that passes is asked again and counted by its class', () => {
  test.each([
    ['status-429', 'rate-limited'],
    ['rate-limited', 'rate-limited'],
    ['rate-limited-date', 'rate-limited'],
    ['rate-limited-reset', 'rate-limited'],
    ['limit-in-success', 'rate-limited'],
    ['status-500', 'unavailable'],
    ['status-503', 'unavailable'],
    ['status-529', 'unavailable'],
    ['bad-gateway-page', 'unavailable'],
    ['success-page', 'unavailable'],
    ['error-in-success', 'unavailable'],
    ['no-choices', 'unavailable'],
    ['broken-off', 'unavailable'],
    ['cut', 'connection'],
    ['cut-body', 'connection'],
    ['empty', 'empty'],
    ['prose', 'bad-json'],
    ['wrong-keys', 'schema'],
  ] as const)('%s is %s', async (fault, trouble) => {
    const { outcome, requests, usage } = await askAmid(fault);
    expect(outcome).toMatchObject({ value });
    expect(requests).toBe(2);
    expect(usage.retries).toEqual({ [trouble]: 1 });
  });

  test('slow is timeout', async () => {
    const { outcome, usage } = await askAmid('slow', { input: { timeoutSeconds: 0.2 } });
    expect(outcome).toMatchObject({ value });
    expect(usage.retries).toEqual({ timeout: 1 });
  });
});

describe('what endpoints do to an answer is undone without another request', () => {
  test.each([
    'fenced',
    'damaged-json',
    'extra-keys',
    'thinking',
    'reasoning',
    'keep-alive-lines',
    'usage-missing',
    'usage-null',
  ] as const)('%s', async (fault) => {
    const { outcome, requests, usage } = await askAmid(fault);
    expect(outcome).toMatchObject({ value });
    expect(requests).toBe(1);
    expect(usage.retries).toEqual({});
    // what the endpoint does not count is estimated
    expect(usage.tokens.output).toBeGreaterThan(0);
    expect(usage.tokens.input).toBeGreaterThan(0);
  });

  test('the thoughts of a reasoning model are kept apart', async () => {
    asking = await startAsking({ endpoint: { script: ['reasoning', 'thinking'] } });
    for (const text of ['one', 'two']) {
      const answer = await asking.asker.ask(question(text));
      expect(answer).toMatchObject({ reasoning: 'what is asked?', content: '{"facts":["one"]}' });
    }
  });

  test('cached tokens are told by either name', async () => {
    asking = await startAsking({ endpoint: { cachesPrefix: true, script: ['none', 'none', 'usage-deepseek'] } });
    const cached: number[] = [];
    for (const text of ['one', 'two', 'three']) cached.push((await asking.asker.ask(question(text))).usage.cachedInput);
    expect(cached).toEqual([0, 5, 5]);
  });
});

describe('a question is given up alone, without another try', () => {
  test.each([
    ['context-length', 'TOO_LONG_FOR_MODEL'],
    ['status-413', 'TOO_LONG_FOR_MODEL'],
    ['content-filter', 'REFUSED'],
    ['refusal', 'REFUSED'],
    ['moderated', 'REFUSED'],
    ['truncated', 'CUT'],
  ] as const)('%s is %s', async (fault, reason) => {
    const { outcome, requests, asking } = await askAmid(fault);
    expect(outcome).toMatchObject({ reason });
    expect(requests).toBe(1);
    expect(await asking.asker.askFor(question('and this?'), form)).toMatchObject({ value });
  });

  test('a cut answer gets more room, up to what the spec allows', async () => {
    asking = await startAsking({ endpoint: { always: 'truncated-below-1000' }, input: { maxTokens: 4096 } });
    const outcome = await asking.asker.askFor(question('what is it?', { maxTokens: 300 }), form);
    expect(outcome).toMatchObject({ value, answers: 3 });
    expect(asking.log.map((entry) => entry.maxTokens)).toEqual([300, 600, 1200]);
  });

  test('prose again and again is BAD_JSON, wrong keys again and again are BAD_SCHEMA', async () => {
    asking = await startAsking({ endpoint: { script: ['prose', 'prose', 'wrong-keys', 'wrong-keys'] } });
    expect(await asking.asker.askFor(question('a'), form)).toMatchObject({ reason: 'BAD_JSON', answers: 2 });
    expect(await asking.asker.askFor(question('b'), form)).toMatchObject({
      reason: 'BAD_SCHEMA',
      detail: containing('facts'),
    });
  });

  test('empty answers again and again are EMPTY_ANSWER, and what they cost counts', async () => {
    const { outcome, usage } = await askAmid('none', {
      endpoint: { script: [], always: 'empty' },
      policy: { tries: 3 },
    });
    expect(outcome).toMatchObject({ reason: 'EMPTY_ANSWER' });
    expect(usage).toMatchObject({ requests: 3, retries: { empty: 2 } });
    expect(usage.tokens.input).toBeGreaterThan(0);
  });

  test('one that fails again and again while others succeed is ENDPOINT_FAILED', async () => {
    const faultFor = ({ messages }: Chat) => (messages.at(-1)?.content === 'bad' ? 'status-500' : undefined);
    asking = await startAsking({ endpoint: { faultFor }, policy: { tries: 3, baseMs: 20, firstPatienceMs: 1e6 } });
    const { asker } = asking;
    const bad = asker.askFor(question('bad'), form);
    for (let index = 0; index < 5; index += 1) {
      await sleep(10);
      await asker.ask(question(`good ${index}`));
    }
    expect(await bad).toMatchObject({ reason: 'ENDPOINT_FAILED', detail: containing('500') });
  });
});

describe('an outage costs no question', () => {
  test.each(['status-503', 'bad-gateway-page', 'cut'] as const)('%s again and again between answers', async (fault) => {
    let requests = 0;
    // one answer that shows the endpoint at work, then far more failures than tries
    const faultFor = () => ((requests += 1) > 1 && requests <= 40 ? fault : undefined);
    const policy = { tries: 3, baseMs: 1, capMs: 2, patienceMs: 1e6, firstPatienceMs: 1e6 };
    asking = await startAsking({ endpoint: { faultFor }, policy });
    const { asker } = asking;
    const outcomes = await Promise.all(['a', 'b', 'c', 'd'].map((text) => asker.askFor(question(text), form)));
    expect(outcomes).toEqual(Array.from({ length: 4 }, () => answered));
  });
});

describe('no request will work: the run stops', () => {
  test.each([
    ['status-401', 'credentials', 'AuthFailed', 'spec.generator.openai.apiKeySecretRef'],
    ['status-403', 'credentials', 'AuthFailed', 'spec.generator.openai.apiKeySecretRef'],
    ['status-402', 'budget', 'InsufficientBalance', 'spec.generator.openai'],
    ['no-quota', 'budget', 'InsufficientBalance', 'spec.generator.openai'],
    ['status-404', 'config', 'UnknownModel', 'spec.generator.openai.model'],
    ['unknown-model', 'config', 'UnknownModel', 'spec.generator.openai.model'],
    ['redirect', 'config', 'EndpointRefused', 'spec.generator.openai.baseURL'],
  ] as const)('%s is %s %s', async (fault, exit, reason, names) => {
    const { outcome, requests, asking } = await askAmid(fault);
    expect(outcome).toMatchObject({ error: { exit, reason, message: containing(names) } });
    expect(requests).toBe(1);
    // and nothing more is asked
    await expect(asking.asker.ask(question('another'))).rejects.toMatchObject({ reason });
    expect(asking.log).toHaveLength(1);
  });

  test('an endpoint that never answers is unavailable, and keeps what was paid', async () => {
    asking = await startAsking();
    await asking.asker.ask(question('paid'));
    await fetchScript(asking, { always: 'status-503' });
    const failure = await asking.asker.ask(question('another')).catch((error: unknown) => error);
    expect(failure).toMatchObject({ exit: 'unavailable', reason: 'EndpointUnavailable', message: containing('503') });
    expect(asking.usage()).toMatchObject({ requests: 1 });
    expect(asking.cache.size).toBe(1);
  });
});

describe('dialects are found out once', () => {
  test.each([
    ['no-json-schema', 'json_object', 1],
    ['no-response-format', 'text', 2],
    ['json-word-wanted', 'json_object', 1],
    ['max-completion-tokens', 'json_schema', 1],
    ['no-temperature', 'json_schema', 1],
  ] as const)('%s is asked for %s', async (fault, format, refusals) => {
    asking = await startAsking({ endpoint: { always: fault } });
    const { asker, log } = asking;
    const ask = (text: string) => asker.askFor(question(text), form);
    const outcomes = await Promise.all(['a', 'b', 'c', 'd'].map(ask));
    expect(outcomes).toEqual(Array.from({ length: 4 }, () => answered));
    expect(log.filter((entry) => entry.status !== 200)).toHaveLength(refusals);
    expect(new Set(log.filter((entry) => entry.status === 200).map((entry) => entry.format))).toEqual(
      new Set([format]),
    );
  });

  test('an endpoint that takes a format but ignores it is told in words', async () => {
    asking = await startAsking({ endpoint: { always: 'ignores-format' }, input: { concurrency: 1 } });
    const outcomes = [];
    for (const text of ['a', 'b', 'c', 'd', 'e', 'f']) outcomes.push(await asking.asker.askFor(question(text), form));
    expect(outcomes.slice(-2)).toEqual([answered, answered]);
    expect(asking.log.at(-1)?.format).toBe('text');
  });
});

const fetchScript = async ({ url }: { url: string }, script: object): Promise<unknown> =>
  (await fetch(url.replace(/\/v1$/, '/script'), { method: 'POST', body: JSON.stringify(script) })).json();
