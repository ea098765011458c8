import { APIConnectionError, APIError } from 'openai';
import { expect, test } from 'vitest';
import type { Reply } from './endpoint.ts';
import { askUntilAnswered, type RetryPolicy } from './retry.ts';

const policy: RetryPolicy = { attempts: 4, baseMs: 1, capMs: 4 };
const good: Reply = { content: '{}', finishReason: 'stop', usage: undefined };
const status = (code: number, headers: Record<string, string> = {}, body: object = {}): Error =>
  APIError.generate(code, { error: { message: 'scripted', ...body } }, 'scripted', new Headers(headers));

/** Ask with the given outcomes one after the other; tells the answer and the waits. */
async function ask(outcomes: (Error | Reply)[], signal = new AbortController().signal) {
  const waits: number[] = [];
  let asked = 0;
  const next = (): Promise<Reply> => {
    const outcome = outcomes[asked++ % outcomes.length]!;
    return outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome);
  };
  const result = askUntilAnswered(next, policy, signal, (_, ms) => waits.push(ms));
  return {
    result: await result.then(
      (reply) => ({ reply }),
      (error: unknown) => ({ error }),
    ),
    waits,
    asked: () => asked,
  };
}

test('passing trouble is waited out, within the bounds of exponential waits', async () => {
  const trouble = [status(500), new APIConnectionError({ message: 'reset' }), { ...good, content: ' ' }, good];
  const { result, waits } = await ask(trouble);
  expect(result).toEqual({ reply: good });
  expect(waits).toHaveLength(3);
  waits.forEach((wait, index) => expect(wait).toBeLessThanOrEqual(Math.min(policy.capMs, policy.baseMs * 2 ** index)));
});

test('an endpoint that names a time is given that time', async () => {
  const { waits } = await ask([status(429, { 'retry-after': '0.02' }), good]);
  expect(waits).toEqual([20]);
});

test('an endpoint that never answers is unavailable, and worth another attempt of the whole worker', async () => {
  const { result, asked } = await ask([status(503)]);
  expect(result).toMatchObject({ error: { exit: 'unavailable', reason: 'EndpointUnavailable' } });
  expect(asked()).toBe(policy.attempts);
});

test('empty answers again and again give up this prompt alone', async () => {
  expect((await ask([{ ...good, content: '' }])).result).toMatchObject({ error: { reason: 'EMPTY_ANSWER' } });
});

test.each([
  [
    status(401, {}, { message: 'Incorrect API key provided: sk-secret' }),
    { exit: 'credentials', reason: 'AuthFailed' },
  ],
  [status(402), { exit: 'budget', reason: 'InsufficientBalance' }],
  [status(429, {}, { code: 'insufficient_quota' }), { exit: 'budget', reason: 'InsufficientBalance' }],
  [status(404), { exit: 'config', reason: 'UnknownModel' }],
  [status(400), { exit: 'config', reason: 'EndpointRefused' }],
])('%s is not asked again', async (error, expected) => {
  const { result, asked } = await ask([error]);
  expect(result).toMatchObject({ error: expected });
  expect((result as { error: Error }).error.message).not.toContain('sk-secret');
  expect(asked()).toBe(1);
});
