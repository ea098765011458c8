import { describe, expect, test } from 'vitest';
import { Backoff, TokenBucket, maxDelayMs, safeDelay } from './backoff.ts';

describe('a delay for a timer', () => {
  test.each([
    [-5, 0],
    [0.2, 1],
    [Infinity, maxDelayMs],
    [2 ** 40, maxDelayMs],
  ])('%d ms becomes %d ms', (given, safe) => expect(safeDelay(given)).toBe(safe));

  test('is never NaN', () => expect(() => safeDelay(NaN)).toThrow('a delay must be a number'));
});

describe('a backoff', () => {
  const options = { baseMs: 5, maxMs: 1000, jitter: 0 };

  test('doubles for each failure of a key up to the maximum, and never gives up', () => {
    const backoff = new Backoff(options);
    const delays = Array.from({ length: 2000 }, () => backoff.next('a'));
    expect(delays.slice(0, 9)).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 1000]);
    expect(delays.at(-1)).toBe(1000);
  });

  test('begins anew after a success, and keys do not share their failures', () => {
    const backoff = new Backoff(options);
    backoff.next('a');
    backoff.next('a');
    expect(backoff.failures('a')).toBe(2);
    expect(backoff.next('b')).toBe(5);
    backoff.forget('a');
    expect(backoff.next('a')).toBe(5);
  });

  test('adds jitter, so that many do not come back together', () => {
    const backoff = new Backoff({ ...options, jitter: 0.5 }, () => 1);
    expect(backoff.next('a')).toBe(7.5);
  });
});

describe('a token bucket', () => {
  test('gives its burst at once and then its rate', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 2 });
    expect([bucket.reserve(0), bucket.reserve(0), bucket.reserve(0), bucket.reserve(0)]).toEqual([0, 0, 100, 200]);
    expect(bucket.reserve(1000)).toBe(0);
  });

  test('refuses when it is empty, and never holds more than its burst', () => {
    const bucket = new TokenBucket({ perSecond: 1, burst: 2 });
    expect([bucket.take(0), bucket.take(0), bucket.take(0)]).toEqual([true, true, false]);
    expect([bucket.take(3_600_000), bucket.take(3_600_000), bucket.take(3_600_000)]).toEqual([true, true, false]);
  });
});
