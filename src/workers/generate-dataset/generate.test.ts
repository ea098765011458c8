import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { generateInput, publishDocuments } from '../../../tests/builders/generate-input.ts';
import { callWorker, runWorkerProcess } from '../../../tests/builders/worker-process.ts';
import type { ArtifactRecord } from '../../contract/artifact.ts';
import { exitCode } from '../../contract/exit-codes.ts';

import type { Success } from '../../contract/result.ts';
import { generateDataset } from './generate.ts';
import { manifestSchema, passageSchema, rejectedRowSchema, rowSchema, splits } from '../../contract/rows.ts';

// git and workers are processes: a busy machine starts them slowly
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const root = mkdtempSync(join(tmpdir(), 'generate-'));
const store = join(root, 'store');
type Changes = Parameters<typeof generateInput>[1];
let documents: ArtifactRecord;

const generate = (artifact: ArtifactRecord, changes: Changes = {}, folder = store) =>
  callWorker('generate-dataset', generateDataset, generateInput(artifact, changes), folder);

const page = (name: string): string =>
  [
    `# ${name}\n`,
    ...['open', 'close', 'read', 'write'].map(
      (verb) =>
        `## ${verb}${name}(path)\n\nThis call will ${verb} the ${name.toLowerCase()} at the path that is given.\n`,
    ),
    `## Options\n\n* \`${name.toLowerCase()}Limit\`: how many of them may be open at a time.\n`,
  ].join('\n');
const names = ['File', 'Socket', 'Pipe', 'Queue', 'Table', 'Stream', 'Cache', 'Lock', 'Timer', 'Event'];

beforeAll(async () => {
  documents = await publishDocuments(store, Object.fromEntries(names.map((name) => [`${name}.md`, page(name)])));
});

const lines = (path: string): unknown[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);

describe('the dataset artifact', () => {
  test('is of the contract, agrees with its manifest and its summary, and its evidence stands in the documents', async () => {
    const { result } = await generate(documents);
    const { artifact, summary } = result as Success<'generate-dataset'>;
    const folder = join(store, artifact.uri.replace('pvc://doctune-artifacts/', ''));
    const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')));
    const rows = splits.flatMap((split) => lines(join(folder, `${split}.jsonl`)).map((line) => rowSchema.parse(line)));
    for (const split of splits) {
      const count = rows.filter((row) => row.split === split).length;
      expect(summary.rows[split]).toBe(count);
      expect(manifest.files.find((file) => file.path === `${split}.jsonl`)!.rows).toBe(count);
      expect(count).toBeGreaterThan(0);
    }
    const source = join(store, documents.uri.replace('pvc://doctune-artifacts/', ''));
    for (const { source: place } of rows) {
      const text = readFileSync(join(source, 'files', place.path), 'utf8');
      for (const { quote, start, end } of place.evidence) {
        expect(text.slice(start, end)).toBe(quote);
        expect(start >= place.start && start < place.end).toBe(true);
      }
    }
    expect(summary.coverage).toBeGreaterThan(0.9);
    for (const line of lines(join(folder, 'rejected.jsonl')))
      expect(rejectedRowSchema.safeParse(line).success).toBe(true);
    const passages = lines(join(folder, 'text.jsonl')).map((line) => passageSchema.parse(line));
    expect(manifest.files.find(({ path }) => path === 'text.jsonl')!.rows).toBe(passages.length);
    execFileSync('sha256sum', ['-c', '--quiet', 'SHA256SUMS'], { cwd: folder });
  });

  test('[training 12] has the text of trained groups as it stands in the documents, and none of a held back one', async () => {
    const { result } = await generate(documents);
    const folder = join(
      store,
      (result as Success<'generate-dataset'>).artifact.uri.replace('pvc://doctune-artifacts/', ''),
    );
    const passages = lines(join(folder, 'text.jsonl')).map((line) => passageSchema.parse(line));
    const groupsOf = (split: string): Set<string> =>
      new Set(
        lines(join(folder, `${split}.jsonl`))
          .map((line) => rowSchema.parse(line))
          .filter(({ probe }) => probe !== 'recall')
          .map(({ group }) => group),
      );
    const held = new Set([...groupsOf('test'), ...groupsOf('validation')]);
    expect(held.size).toBeGreaterThan(1);
    const told = new Set(passages.map(({ group }) => group));
    expect([...told].filter((group) => held.has(group))).toEqual([]);
    expect([...groupsOf('train')].filter((group) => !told.has(group))).toEqual([]);
    const source = join(store, documents.uri.replace('pvc://doctune-artifacts/', ''));
    for (const { path, start, end, text } of passages)
      expect(readFileSync(join(source, 'files', path), 'utf8').slice(start, end)).toBe(text);
  });

  test('the same input gives the same digest in another store', async () => {
    const copy = join(root, 'copy');
    mkdirSync(copy);
    execFileSync('cp', ['-r', join(store, 'artifacts'), copy]);
    execFileSync('rm', ['-rf', join(copy, 'artifacts', 'datasets')]);
    const first = await generate(documents);
    // as a process of its own, as the container runs it
    const second = await runWorkerProcess('generate-dataset', generateInput(documents), copy);
    expect(second.result).toEqual(first.result);
    expect(first.exitCode).toBe(0);
  });

  test('one document is split by its sections', async () => {
    const one = await publishDocuments(store, { 'all.md': names.map(page).join('\n') });
    const { result } = await generate(one);
    expect((result as Success<'generate-dataset'>).summary.rows.test).toBeGreaterThan(0);
  });
});

describe('bad input', () => {
  test('too few rows name the gate and the reasons', async () => {
    const { result, exitCode: code } = await generate(documents, { gates: { minRows: 5000 } });
    expect(code).toBe(exitCode('data'));
    expect(result).toMatchObject({ reason: 'TooFewRows' });
    expect(result?.message).toContain('gates.minRows 5000');
  });

  test('documents without a single answer tell what was rejected', async () => {
    const links = await publishDocuments(store, {
      'a.md': `# Links\n\n${'- [a page of the long guide](1.md)\n'.repeat(12)}`,
    });
    const { result } = await generate(links);
    expect(result).toMatchObject({ reason: 'TooFewRows' });
    expect(result?.message).toContain('1 NAVIGATION');
  });

  test('a passage that something was taken out of becomes no row', async () => {
    const gap =
      '## secretKey(path)\n\nThis call takes the key [redacted:aws-access-key] from the path that is given.\n';
    const screened = await publishDocuments(store, { 'a.md': `${page('Vault')}\n${gap}` });
    const { result } = await generate(screened);
    expect((result as Success<'generate-dataset'>).summary.rows.byReason).toMatchObject({ REDACTED: 1 });
  });

  test('documents that were changed in the store are not used', async () => {
    const changed = await publishDocuments(store, { 'a.md': page('Changed') });
    appendFileSync(join(store, changed.uri.replace('pvc://doctune-artifacts/', ''), 'files', 'a.md'), 'more');
    const { result, exitCode: code } = await generate(changed);
    expect(code).toBe(exitCode('data'));
    expect(result).toMatchObject({ reason: 'DigestMismatch' });
  });
});
