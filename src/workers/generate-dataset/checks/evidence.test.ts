import fc from 'fast-check';
import { expect, test } from 'vitest';
import { corpusOf } from '../../../../tests/builders/corpus.ts';
import { gather } from '../model/material.ts';
import { locateQuote } from './evidence.ts';
import { nearestMatch } from './nearest.ts';

const text =
  '# Server\n\nThe [server](#s) starts\nwith `listen` on port 3000 of the machine.\n\n* `port`: the **port** to use\n\nIt must not be started twice by the same process.\n';

async function found(quote: string): Promise<string[]> {
  const corpus = await corpusOf({ 'a.md': text });
  const { passages } = await gather(
    corpus,
    corpus.chunks.map((chunk) => ({ chunk, start: chunk.start, end: chunk.end })),
  );
  return (await locateQuote(quote, passages)).map(({ start, end }) => text.slice(start, end));
}

test.each([
  ['with `listen` on port', ['with `listen` on port']],
  ['starts with   `listen`', ['starts\nwith `listen`']],
  ['The server starts with `listen`', ['The [server](#s) starts\nwith `listen`']],
  ['`port`: the port to use', ['`port`: the **port** to use']],
  ['It must not be started twice by the very same process.', ['It must not be started twice by the same process.']],
  ['with `listen` ... must not be started twice', ['with `listen`', 'must not be started twice']],
])('[T15] the quote %j is found as it is written', async (quote, written) => {
  expect(await found(quote)).toEqual(written);
});

test.each([
  'the server stops at once',
  'listen',
  '',
  'with `listen` on port 3001 of the machine.',
  'It must be started twice by the same process.',
  'must not be started twice ... with `listen`',
])('[T15] the quote %j proves nothing', async (quote) => {
  expect(await found(quote)).toEqual([]);
});

test('the nearest match is found where a text holds the wanted one with some characters changed', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd'), maxLength: 30 });
  const wanted = fc.string({ unit: fc.constantFrom('x', 'y', 'z', 'w'), minLength: 20, maxLength: 60 });
  fc.assert(
    fc.property(letters, wanted, letters, fc.nat(19), (before, middle, after, at) => {
      const changed = `${middle.slice(0, at)}-${middle.slice(at + 1)}`;
      const match = nearestMatch(middle, `${before}${changed}${after}`, 2);
      expect(match?.distance).toBe(1);
      expect(match?.start).toBeLessThanOrEqual(before.length + 1);
      expect(match?.end).toBeGreaterThanOrEqual(before.length + middle.length - 1);
      expect(nearestMatch(middle, `${before}${after}`, 2)).toBeUndefined();
    }),
    { numRuns: 100 },
  );
});
