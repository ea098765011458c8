import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, expect, test, vi } from 'vitest';
import { skipReasons } from '../../../contract/documents.ts';
import { parseDocument } from '../../generate-dataset/parse/index.ts';
import { convertedFormats } from '../convert/index.ts';
import { openDocumentPool } from './pool.ts';
import { childOptions } from './reader.ts';

// a child process takes its time to start where others use the cores
vi.setConfig({ testTimeout: 60_000 });

const limits = { seconds: 30, memoryBytes: 400 * 2 ** 20 };
const pool = openDocumentPool({ processes: 1, ...limits });
afterAll(() => pool.close());

const markdown = '# Guide\n\nUse [`listen`](#l) of **it** &amp; wait.\n\n- a\n- b\n\n| a | b |\n| - | - |\n| 1 | 2 |\n';
const notebook = (source: string): Uint8Array =>
  Buffer.from(JSON.stringify({ cells: [{ cell_type: 'markdown', source }] }));

test('a child process gives the same sections as parsing does here', async () => {
  const record = { path: 'a.md', format: 'markdown' } as const;
  expect(await pool.parse({ ...record, text: markdown })).toEqual({ sections: await parseDocument(record, markdown) });
});

test('documents are converted from memory and from files, and a bad one is an answer', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'doctune-pool-'));
  try {
    await writeFile(join(folder, 'a.ipynb'), notebook('# Title'));
    const convert = (content: Uint8Array | { file: string }) =>
      pool.convert({ path: 'a.ipynb', format: 'notebook', content });
    expect(await convert({ file: join(folder, 'a.ipynb') })).toEqual({ text: '# Title\n' });
    expect(await convert(Buffer.from('no json'))).toEqual({
      failure: { reason: 'BadDocument', detail: 'the notebook is no JSON' },
    });
    expect(await convert(notebook('next'))).toEqual({ text: 'next\n' });
  } finally {
    await rm(folder, { recursive: true });
  }
});

const heads = ['%PDF-1.7\n', 'PK\u0003\u0004', '{"cells": ['].map((head) => Buffer.from(head));
const bytes = fc
  .tuple(fc.constantFrom(Buffer.alloc(0), ...heads), fc.uint8Array({ maxLength: 300 }))
  .map((parts) => Buffer.concat(parts));

test('any bytes are a text or a failure with its reason', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...convertedFormats), bytes, async (format, content) => {
      const answer = await pool.convert({ path: 'a', format, content });
      if ('failure' in answer) expect(skipReasons).toContain(answer.failure.reason);
      else expect(answer.text.trim()).not.toBe('');
    }),
    { numRuns: 60 },
  );
});

test('a child process may read no files and knows nothing of this one', async () => {
  const spy = fork(fileURLToPath(new URL('./spy.ts', import.meta.url)), {
    env: childOptions(limits).env,
    execArgv: childOptions(limits).execArgv,
  });
  const [seen] = (await once(spy, 'message')) as unknown[];
  expect(seen).toEqual({
    passwd: 'ERR_ACCESS_DENIED',
    write: 'ERR_ACCESS_DENIED',
    spawn: 'ERR_ACCESS_DENIED',
    environment: [],
  });
});

test('a document that takes too long is given up, and the next one is read', async () => {
  const hasty = openDocumentPool({ processes: 1, seconds: 2, memoryBytes: 800 * 2 ** 20 });
  try {
    // every bracket may open a link: the time grows with the square of the length
    const slow = await hasty.parse({ path: 'a.md', format: 'markdown', text: '![[]()'.repeat(100_000) });
    expect(slow).toEqual({ failure: { reason: 'ConvertTimeout', detail: 'reading it took longer than 2 s' } });
    expect(await hasty.parse({ path: 'b.md', format: 'markdown', text: '# B\n' })).toMatchObject({
      sections: [{ path: ['B'] }],
    });
  } finally {
    await hasty.close();
  }
});

test('a document that takes too much memory is given up, and the next one is read', async () => {
  const small = openDocumentPool({ processes: 1, seconds: 60, memoryBytes: 160 * 2 ** 20 });
  try {
    const large = await small.parse({ path: 'a.md', format: 'markdown', text: '- a\n'.repeat(1_000_000) });
    expect(large).toMatchObject({ failure: { reason: 'ConvertOutOfMemory' } });
    expect(await small.parse({ path: 'b.md', format: 'markdown', text: '# B\n' })).toMatchObject({
      sections: [{ path: ['B'] }],
    });
  } finally {
    await small.close();
  }
});

test('documents are read beside one another, each with its own answer', async () => {
  const pair = openDocumentPool({ processes: 2, seconds: 30, memoryBytes: 400 * 2 ** 20 });
  try {
    const titles = Array.from({ length: 12 }, (_, index) => `Title ${index}`);
    const answers = titles.map((title) => pair.parse({ path: 'a.md', format: 'markdown', text: `# ${title}\n` }));
    expect(await Promise.all(answers)).toMatchObject(titles.map((title) => ({ sections: [{ path: [title] }] })));
  } finally {
    await pair.close();
  }
});
