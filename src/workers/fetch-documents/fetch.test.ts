import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { callWorker } from '../../../tests/builders/worker-process.ts';
import type { DocumentRecord, SkippedDocument } from '../../contract/documents.ts';
import { exitCode } from '../../contract/exit-codes.ts';
import { fetchDocuments } from './fetch.ts';

// converting starts a process
vi.setConfig({ testTimeout: 30_000 });

const root = mkdtempSync(join(tmpdir(), 'fetch-'));
const store = join(root, 'store');
const mit = readFileSync('node_modules/zod/LICENSE', 'utf8');
/** in two pieces, so that no scanner of this repository takes it for real */
const key = 'AKIA' + 'QYLPMN5HHHFPZAM2';

async function fetch(files: Record<string, string | Buffer>, settings: object = {}) {
  const path = mkdtempSync(join(root, 'claim-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), content);
  }
  const input = {
    version: 1,
    run: { namespace: 'default', name: 'docs', id: 'abcdef12' },
    source: { files: { path, include: [], exclude: [] } },
    limits: { maxDocumentBytes: 100_000, maxTotalBytes: 1_000_000, maxDocuments: 100 },
    ...settings,
  };
  const { result, exitCode: code } = await callWorker('fetch-documents', fetchDocuments, input, store);
  if (result === undefined) throw new Error('no result');
  const folder = 'artifact' in result ? join(store, result.artifact.uri.replace('pvc://doctune-artifacts/', '')) : '';
  const lines = <T>(name: string): T[] =>
    readFileSync(join(folder, name), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as T);
  return {
    code,
    result,
    folder,
    summary: 'summary' in result ? result.summary.documents : undefined,
    documents: () => lines<DocumentRecord>('documents.jsonl'),
    skipped: () => lines<SkippedDocument>('skipped.jsonl'),
    text: (file: string) => readFileSync(join(folder, 'files', file), 'utf8'),
    everything: () =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name) + readFileSync(join(entry.parentPath, entry.name), 'utf8'))
        .join('\n'),
  };
}

const notebook = JSON.stringify({
  nbformat: 4,
  nbformat_minor: 5,
  metadata: { kernelspec: { language: 'python', name: 'python3' }, language_info: { name: 'python' } },
  cells: [
    { cell_type: 'markdown', metadata: {}, source: ['# Setup\n', '\n', `Use the key ${key}.`] },
    { cell_type: 'code', metadata: {}, execution_count: null, outputs: [], source: ['print(1)'] },
  ],
});

test('[T5] a planted key is nowhere in the artifact', async () => {
  const { result, summary, everything, documents, skipped } = await fetch({
    'guide.md': `# Guide\n\nSet \`AWS_ACCESS_KEY_ID=${key}\`.\n`,
    'split.md': `hidden by invisible characters: ${key.slice(0, 9)}\u200b${key.slice(9)}\n`,
    'wide.txt': Buffer.from(`\ufeffUTF-16: ${key}\n`, 'utf16le'),
    'setup.ipynb': notebook,
    'page.html': `<!-- secretlint-disable --><p data-key="${key}">x</p>`,
    [`${key}.md`]: '# Named by a key\n',
    [`${key}.png`]: 'no document',
  });
  expect(result.exitCode).toBe(0);
  expect(summary).toMatchObject({ total: 5, skipped: 2, redactions: { secrets: 5, personalData: 0 } });
  expect(documents().every(({ redactions }) => redactions?.['aws-access-key'] === 1)).toBe(true);
  expect(skipped().map(({ path, reason }) => `${path} ${reason}`)).toEqual([
    '[redacted:aws-access-key].md Secret',
    '[redacted:aws-access-key].png Secret',
  ]);
  expect(everything()).not.toContain(key);
});

describe('a document', () => {
  test('is published as one clean text, and its record tells what was changed', async () => {
    const found = 'Caf\u0065\u0301\u200b is at jane.roe@acme-corp.io\r\n';
    const { documents, text } = await fetch({ LICENSE: mit, 'docs/a.md': found });
    expect(text('docs/a.md')).toBe('Café is at [redacted:email]\n');
    expect(documents()).toEqual([
      {
        path: 'docs/a.md',
        format: 'markdown',
        bytes: 29,
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        original: { bytes: Buffer.byteLength(found), sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
        licence: 'MIT',
        redactions: { email: 1 },
        cleaning: { 'line-break': 1, composed: 1, 'zero-width': 1 },
      },
    ]);
  });

  test('is left as it is with screening and cleaning off', async () => {
    const found = `Caf\u0065\u0301 ${key} jane.roe@acme-corp.io\r\n`;
    const settings = { screening: { secrets: 'Off', personalData: 'Off' }, cleaning: 'Off' };
    const { documents, text } = await fetch({ 'a.md': found }, settings);
    expect(text('a.md')).toBe(found);
    expect(Object.keys(documents()[0]!)).toEqual(['path', 'format', 'bytes', 'sha256']);
  });

  test('that was converted lies beside its name as Markdown, and its name is not taken twice', async () => {
    const { documents, skipped, text } = await fetch({ 'a.ipynb': notebook, 'a.ipynb.md': '# Mine\n', 'b.ipynb': '{' });
    expect(documents().map(({ path, file, format }) => [path, file, format])).toEqual([
      ['a.ipynb', 'a.ipynb.md', 'notebook'],
    ]);
    expect(text('a.ipynb.md')).toBe('# Setup\n\nUse the key [redacted:aws-access-key].\n\n```python\nprint(1)\n```\n');
    expect(skipped().map(({ path, reason }) => [path, reason])).toEqual([
      ['a.ipynb.md', 'Duplicate'],
      ['b.ipynb', 'BadDocument'],
    ]);
  });

  test('with a secret is skipped where the policy says so', async () => {
    const settings = { screening: { secrets: 'Skip' } };
    const { summary, skipped } = await fetch({ 'a.md': `key ${key}\n`, 'b.md': 'nothing\n' }, settings);
    expect(summary).toMatchObject({ total: 1, bySkipReason: { Secret: 1 } });
    expect(skipped()).toEqual([{ path: 'a.md', reason: 'Secret', detail: 'holds aws-access-key' }]);
  });
});

describe('licences', () => {
  const files = {
    LICENSE: mit,
    'a.md': '# A\n',
    'b.md': '<!-- SPDX-License-Identifier: GPL-3.0-only -->\n# B\n',
    'c.md': '---\nlicense: CC-BY-4.0\n---\n# C\n',
    'vendor/COPYING': 'Nobody may read this.',
    'vendor/d.md': '# D\n',
  };

  test('are counted', async () => {
    const { summary } = await fetch(files);
    expect(summary?.licences).toEqual({ MIT: 1, 'CC-BY-4.0': 1, 'GPL-3.0-only': 1, 'LicenseRef-unknown': 1 });
  });

  test.each([
    [{ allow: ['MIT'] }, ['a.md'], ['b.md', 'c.md', 'vendor/d.md']],
    [{ deny: ['GPL-3.0'] }, ['a.md', 'c.md', 'vendor/d.md'], ['b.md']],
  ])('%j decide what is read', async (licences, read, denied) => {
    const { documents, skipped } = await fetch(files, {
      screening: { licences: { allow: [], deny: [], ...licences } },
    });
    expect(documents().map(({ path }) => path)).toEqual(read);
    const refused = skipped().filter(({ reason }) => reason === 'LicenceDenied');
    expect(refused.map(({ path }) => path)).toEqual(denied);
    expect(refused[0]?.detail).toContain('spec.screening.licences');
  });

  test('a name that no licence has is refused', async () => {
    const { code, result } = await fetch(files, { screening: { licences: { allow: ['Apache 2'], deny: [] } } });
    expect(code).toBe(exitCode('config'));
    expect(result).toMatchObject({ reason: 'UnknownLicence' });
    expect(result.message).toContain('spec.screening.licences.allow holds "Apache 2"');
  });
});
