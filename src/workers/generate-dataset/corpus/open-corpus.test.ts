import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { DocumentHead } from '../corpus.ts';
import type { Section } from '../parse/block.ts';
import { openCorpus } from './open-corpus.ts';
import { createSymbols } from './symbols.ts';

test('a document whose slow read is overtaken by many others is read all the same', async () => {
  const documents = Array.from({ length: 40 }, (_, index): DocumentHead => ({
    index,
    source: 'docs',
    path: `${index}.md`,
    format: 'markdown',
    sha256: '',
  }));
  const read = async (document: number) => {
    await sleep(document === 0 ? 50 : 0);
    return [{ start: document, end: document + 1, path: [], blocks: [] } as unknown as Section];
  };
  const sections = { add: () => Promise.resolve(), read, close: () => Promise.resolve() };
  const corpus = openCorpus({ documents, chunks: [], files: [], sections, symbols: createSymbols() });
  const slow = corpus.sections(0);
  for (const { index } of documents.slice(1)) await corpus.sections(index);
  expect(await slow).toMatchObject([{ start: 0 }]);
});
