import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { createConsistency, openConsistency } from './consistency.ts';
import { parseGlossary } from './glossary.ts';
import { untouchableParts } from './prose.ts';

// properties take a second each, and many on a machine that is busy
vi.setConfig({ testTimeout: 60_000 });

const terms = parseGlossary(
  'Node.js: [NodeJS, node js]\nlog in: [login]\n服务器: [伺服器]\nFastify framework: [Fastify]\n',
);
const all = createConsistency({ dates: true, numbers: true, terms });
const apply = (text: string): string => all.apply(text).text;

describe('[T6] dates', () => {
  test.each([
    ['released on 31 January 2026.', 'released on 2026-01-31.'],
    ['since January 31st, 2026 and 1st of Feb. 2026', 'since 2026-01-31 and 2026-02-01'],
    ['自2026年1月31日起', '自2026-01-31起'],
    ['自２０２６年１月３日起', '自2026-01-03起'],
    ['on 2026/1/3', 'on 2026-01-03'],
  ])('"%s" becomes "%s"', (text, expected) => {
    expect(apply(text)).toBe(expected);
  });

  test.each(['01/02/2026', '30 February 2026', 'January 2026', 'May 5', '/2026/01/03/', 'v2026/01/03', '2026-01-03'])(
    '"%s" stays, as it can be read in several ways or is no date',
    (text) => {
      expect(apply(text)).toBe(text);
    },
  );
});

describe('[T6] numbers', () => {
  test.each([
    ['up to 1,000,000 rows', 'up to 1000000 rows'],
    ['costs 12,500.75 a year', 'costs 12500.75 a year'],
    ['最多１２３个', '最多123个'],
  ])('"%s" becomes "%s"', (text, expected) => {
    expect(apply(text)).toBe(expected);
  });

  test.each(['the points (1,000) and [2,500]', 'ports 3,000, 4', '1,00,000', '0,500', 'a1,000', '1,0000', '1.000,5'])(
    '"%s" stays, as it may be something else',
    (text) => {
      expect(apply(text)).toBe(text);
    },
  );
});

describe('[T6] terms of the glossary', () => {
  test.each([
    ['NodeJS and nodejs, not NodeJSX', 'Node.js and Node.js, not NodeJSX'],
    ['这台伺服器很快', '这台服务器很快'],
    ['use Fastify, the Fastify framework', 'use Fastify framework, the Fastify framework'],
  ])('"%s" becomes "%s"', (text, expected) => {
    expect(apply(text)).toBe(expected);
  });

  test.each([
    ['a: [b]\nb: [c]\n', 'both preferred and a variant'],
    ['a: [x]\nb: [X]\n', 'a variant of both'],
    ['- a\n', 'one line for each term'],
    ['a: [', 'cannot be used'],
  ])('%j is refused', (text, message) => {
    expect(() => parseGlossary(text)).toThrow(message);
  });

  test('a missing file is told', async () => {
    const opened = openConsistency({ dates: 'Off', numbers: 'Off', glossary: '/nowhere' });
    await expect(opened).rejects.toMatchObject({ reason: 'GlossaryInvalid', exit: 'data' });
  });
});

test('[T6] what was changed is counted, and nothing is when all is off', async () => {
  const text = 'On 1 May 2026, 1,000,000 users of NodeJS login.';
  expect(all.apply(text)).toEqual({
    text: 'On 2026-05-01, 1000000 users of Node.js log in.',
    counts: { dates: 1, numbers: 1, terms: 2 },
  });
  const off = await openConsistency({ dates: 'Off', numbers: 'Off', glossary: null });
  expect(off.isOff).toBe(true);
  expect(off.apply(text)).toEqual({ text, counts: { dates: 0, numbers: 0, terms: 0 } });
});

const pieces = fc.constantFrom(
  ' ',
  '\n',
  '1 May 2026',
  '1,000,000',
  'NodeJS',
  '伺服器',
  '２０２６年',
  '１月',
  '1日',
  ',000',
  '12',
  'login',
  '，',
  '.',
  '`1 May 2026`',
  '``NodeJS ` 1,000``',
  '\n```js\nconst NodeJS = "1 May 2026"; // 1,000,000\n```\n',
  '\n~~~\n１２\n~~~\n',
  '`',
  'https://x.org/1,000/NodeJS',
  '[NodeJS](docs/1,000,000/login.md)',
  '<a title="login">',
  'me@login.org',
);

test('[T6] code, addresses and mark-up are untouched, and a second time changes nothing', () => {
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 25 }), (parts) => {
      const text = parts.join('');
      const once = apply(text);
      expect(untouchableParts(once)).toEqual(untouchableParts(text));
      expect(apply(once)).toBe(once);
    }),
    { numRuns: 500 },
  );
});
