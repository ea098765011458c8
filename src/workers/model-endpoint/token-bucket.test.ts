import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createTokenBucket } from './token-bucket.ts';

const never = new AbortController().signal;

/** A clock that jumps whenever somebody waits. */
function jumpingClock() {
  let now = 0;
  const wait = (ms: number): Promise<void> => {
    now += ms;
    return Promise.resolve();
  };
  return { now: () => now, wait };
}

describe('a rate', () => {
  test('is never passed within any minute, the first one included', async () => {
    const amounts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 500 }), amounts, async (perMinute, takes) => {
        const clock = jumpingClock();
        const bucket = createTokenBucket(perMinute, clock);
        const taken: { at: number; units: number }[] = [];
        for (const units of takes.map((amount) => Math.min(amount, Math.max(1, Math.floor(perMinute / 12))))) {
          await bucket.take(units, never);
          taken.push({ at: clock.now(), units });
        }
        for (const { at } of taken) {
          const within = taken.filter((one) => one.at >= at && one.at < at + 60_000);
          expect(within.reduce((sum, { units }) => sum + units, 0)).toBeLessThanOrEqual(perMinute);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('is used well', async () => {
    const clock = jumpingClock();
    const bucket = createTokenBucket(600, clock);
    for (let index = 0; index < 3000; index += 1) await bucket.take(1, never);
    // five minutes of requests
    expect(clock.now() / 60_000).toBeLessThan(5.5);
  });

  test('what was taken but not used is there again, and what was used beyond is owed', async () => {
    const clock = jumpingClock();
    const bucket = createTokenBucket(1200, clock);
    const settle = await bucket.take(100, never);
    settle(0);
    (await bucket.take(100, never))(200);
    expect(clock.now()).toBe(0);
    await bucket.take(1, never);
    // 101 units at 1101 a minute
    expect(clock.now()).toBeCloseTo((101 / 1101) * 60_000, -2);
  });

  test('more than fits at once is given to one request, not for ever to none', async () => {
    const clock = jumpingClock();
    const bucket = createTokenBucket(1000, clock);
    await bucket.take(5000, never);
    expect(clock.now()).toBe(0);
    await bucket.take(1, never);
    expect(clock.now()).toBeGreaterThan(60_000);
  });

  test('who waits can be stopped, and does not hold up the others', async () => {
    const bucket = createTokenBucket(60);
    await bucket.take(5, never);
    const stop = new AbortController();
    const waiting = bucket.take(5, stop.signal);
    stop.abort();
    await expect(waiting).rejects.toThrow('aborted');
    await expect(bucket.take(0, never)).resolves.toBeTypeOf('function');
  });
});
