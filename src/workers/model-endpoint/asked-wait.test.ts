import { expect, test } from 'vitest';
import { askedWaitMs } from './asked-wait.ts';

const now = Date.parse('2026-11-22T12:00:00Z');

test.each([
  [{}, undefined],
  [{ 'retry-after': '2' }, 2000],
  [{ 'retry-after': '0.5' }, 500],
  [{ 'retry-after': '2', 'retry-after-ms': '1500' }, 1500],
  [{ 'retry-after': 'Sun, 22 Nov 2026 12:00:30 GMT' }, 30_000],
  [{ 'retry-after': 'Sun, 22 Nov 2026 11:00:00 GMT' }, 0],
  [{ 'retry-after': 'soon' }, undefined],
  [{ 'x-ratelimit-reset': String(now / 1000 + 10) }, 10_000],
  [{ 'x-ratelimit-reset': String(now + 10_000) }, 10_000],
  [{ 'ratelimit-reset': '3' }, 3000],
  [{ 'x-ratelimit-reset-requests': '1s', 'x-ratelimit-reset-tokens': '6m0.5s' }, 360_500],
  [
    { 'x-ratelimit-reset-requests': '20ms', 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-tokens': '6m0s' },
    20,
  ],
  [{ 'x-ratelimit-reset-tokens': '1h2m3s' }, 3_723_000],
])('%j asks for %j ms', (headers, expected) => {
  expect(askedWaitMs(new Headers(headers), now)).toBe(expected);
});
