import { expect, it } from 'vitest';
import { parseBytes, parseDuration } from './scalars.ts';

it.each([
  ['90s', 90],
  ['10m', 600],
  ['1h30m', 5400],
])('%s is %d seconds', (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
});

it.each([
  [4096, 4096],
  ['4096', 4096],
  ['5Mi', 5242880],
  ['2k', 2000],
  ['1Gi', 1073741824],
])('%s is %d bytes', (quantity, bytes) => {
  expect(parseBytes(quantity)).toBe(bytes);
});
