import { cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { callWorker, runWorkerProcess, startWorker } from '../../../../tests/builders/worker-process.ts';
import { createEndpoint, listen, type EndpointOptions, type LogEntry } from '../../../../tests/model-endpoint/index.ts';
import type { ArtifactRecord } from '../../../contract/artifact.ts';
import { exitCode } from '../../../contract/exit-codes.ts';
import { generateInputSchema, type GenerateInput } from '../../../contract/inputs.ts';
import type { Success } from '../../../contract/result.ts';
import { rejectedRowSchema, rowSchema, splits, type Row } from '../../../contract/rows.ts';
import { fetchDocuments } from '../../fetch-documents/fetch.ts';
import { generateDataset } from '../generate.ts';

const key = 'sk-test-0123456789';
const run = { namespace: 'default', name: 'quickstart', id: 'abcdef12' };
const root = mkdtempSync(join(tmpdir(), 'openai-'));
const keyFile = join(root, 'api-key');
let documents: ArtifactRecord;
let store: string;
let closeServer: (() => void) | undefined;

const page = (name: string): string =>
  [
    `# ${name}\n`,
    ...['opens', 'closes', 'reads', 'writes'].map(
      (verb) =>
        `## ${verb}\n\nThe ${name} ${verb} the given path as soon as it is asked to do so by its caller.\n\n${'Filler text of the manual. '.repeat(12)}\n`,
    ),
  ].join('\n');

beforeAll(() => writeFileSync(keyFile, `${key}\n`));
beforeEach(async () => {
  store = mkdtempSync(join(root, 'store-'));
  const path = mkdtempSync(join(root, 'files-'));
  for (const name of ['File', 'Socket', 'Pipe', 'Queue', 'Table', 'Stream'])
    writeFileSync(join(path, `${name}.md`), page(name));
  const limits = { maxDocumentBytes: 100_000, maxTotalBytes: 1_000_000, maxDocuments: 100 };
  const source = { files: { path, include: [], exclude: [] } };
  const { result } = await callWorker('fetch-documents', fetchDocuments, { version: 1, run, source, limits }, store);
  documents = (result as Success<'fetch-documents'>).artifact;
});
afterEach(() => closeServer?.());

async function serve(options: EndpointOptions): Promise<{ url: string; log: LogEntry[] }> {
  const { server, log } = createEndpoint({ apiKey: key, ...options });
  const { url, close } = await listen(server);
  closeServer = close;
  return { url, log };
}

function inputFor(
  url: string,
  changes: { maxTokens?: number | null; openai?: object; id?: string } = {},
): GenerateInput {
  const openai = { baseURL: url, model: 'scripted', apiKeyFile: keyFile, temperature: 0.3, maxTokens: 512 };
  return generateInputSchema.parse({
    version: 1,
    run: { ...run, id: changes.id ?? run.id },
    sources: [{ name: 'acme-docs', artifact: { uri: documents.uri, digest: documents.digest } }],
    generator: { openai: { ...openai, concurrency: 4, timeoutSeconds: 2, ...changes.openai } },
    chunking: { targetTokens: 512, maxTokens: 1024 },
    rows: { max: 60, perChunk: 2, wordings: 2 },
    split: { train: 0.8, validation: 0.1, test: 0.1, recall: 0.2, seed: 42, groupBy: 'Document' },
    gates: { minRows: 5 },
    budget: { maxTokens: changes.maxTokens ?? null },
  });
}

const generate = (url: string, changes = {}) =>
  callWorker('generate-dataset', generateDataset, inputFor(url, changes), store);
const answered = (log: LogEntry[]): string[] =>
  log.filter((entry) => entry.status === 200).map((entry) => entry.prompt);

function files(result: unknown): { rows: Row[]; rejected: string[] } {
  if (!('artifact' in (result as object))) throw new Error(`the worker failed: ${JSON.stringify(result)}`);
  const folder = join(
    store,
    (result as Success<'generate-dataset'>).artifact.uri.replace('pvc://doctune-artifacts/', ''),
  );
  const lines = (name: string): unknown[] =>
    readFileSync(join(folder, name), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as unknown);
  return {
    rows: splits.flatMap((split) => lines(`${split}.jsonl`).map((line) => rowSchema.parse(line))),
    rejected: lines('rejected.jsonl').map((line) => rejectedRowSchema.parse(line).reason),
  };
}

describe('a healthy endpoint', () => {
  test('gives rows with evidence from the documents; a second run with the same input pays nothing', async () => {
    const { url, log } = await serve({});
    const first = await generate(url);
    const { rows } = files(first.result);
    expect(rows.length).toBeGreaterThan(20);
    expect(rows[0]!.generator).toMatchObject({ name: 'openai', model: 'scripted' });
    const paid = log.length;
    const again = await generate(url);
    expect(again.result).toEqual(first.result);
    expect(log).toHaveLength(paid);
    // another run finds the answers too, and has paid nothing for them
    const other = await generate(url, { id: '12345678' });
    expect(other.result).toMatchObject({ summary: { usage: { requests: 0, inputTokens: 0 } } });
    expect(first.result).toMatchObject({ summary: { usage: { requests: paid } } });
  });

  test('the key is in no log, result or file of the store', async () => {
    const { url } = await serve({});
    const { logs, result } = await runWorkerProcess('generate-dataset', inputFor(url), store);
    expect(logs + JSON.stringify(result)).not.toContain(key);
    const texts = readdirSync(store, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
    expect(texts.join('')).not.toContain(key);
  });
});

// real waits between the tries, on a machine that may be busy
describe('an endpoint in trouble', { timeout: 30_000 }, () => {
  test('passing faults are asked again, and the dataset is the same as without them', async () => {
    const calm = await serve({});
    const expected = files((await generate(calm.url)).result).rows;
    closeServer?.();
    // another address is another key of the cache
    const { url, log } = await serve({
      script: [
        'status-429',
        'status-500',
        'status-503',
        'empty',
        'cut',
        'fenced',
        'prose',
        'none',
        'truncated',
        'none',
      ],
    });
    // one at a time, so that the answer after a bad one belongs to the same prompt
    const { result } = await generate(url, { openai: { concurrency: 1 } });
    const questions = (rows: Row[]): string[] => rows.map((row) => row.messages[0]!.content).sort();
    expect(questions(files(result).rows)).toEqual(questions(expected));
    expect(log.filter((entry) => entry.status !== 200).length).toBe(4);
  });

  test('one without an output format is asked with weaker ones', async () => {
    const { url, log } = await serve({ always: 'no-json-schema' });
    const { exitCode: code } = await generate(url);
    expect(code).toBe(0);
    expect(new Set(log.filter((entry) => entry.status === 200).map((entry) => entry.format))).toEqual(
      new Set(['json_object']),
    );
  });

  test('quotes that are not in the document are rejected', async () => {
    const { url } = await serve({ script: ['invented-evidence', 'invented-evidence'] });
    const { result } = await generate(url);
    expect(files(result).rejected.every((reason) => reason === 'NO_EVIDENCE')).toBe(true);
    expect(files(result).rejected.length).toBeGreaterThan(0);
  });

  test('a refused or too long prompt is rejected alone', async () => {
    const { url } = await serve({ script: ['context-length', 'content-filter'] });
    const { result } = await generate(url);
    expect(files(result).rejected.sort()).toEqual(['REFUSED', 'TOO_LONG_FOR_MODEL']);
  });

  test.each([
    ['status-401', 'credentials', 'AuthFailed', 'generator.openai.apiKeySecretRef'],
    ['status-403', 'credentials', 'AuthFailed', 'generator.openai.apiKeySecretRef'],
    ['status-402', 'budget', 'InsufficientBalance', 'balance'],
    ['status-404', 'config', 'UnknownModel', 'generator.openai.model'],
    ['prose', 'data', 'NotJson', 'generator.openai.model'],
  ] as const)('%s stops the run', async (fault, exit, reason, names) => {
    const { url, log } = await serve({ always: fault });
    const { result, exitCode: code } = await generate(url);
    expect(result).toMatchObject({ reason });
    expect(code).toBe(exitCode(exit));
    expect(result?.message).toContain(names);
    // it stopped early: only what was in flight was asked
    if (exit !== 'data') expect(log.length).toBeLessThanOrEqual(4);
  });

  test('a wrong key in the Secret is told, and so is a missing one', async () => {
    const { url } = await serve({});
    const wrong = join(root, 'wrong-key');
    writeFileSync(wrong, 'sk-wrong');
    expect((await generate(url, { openai: { apiKeyFile: wrong } })).result).toMatchObject({ reason: 'AuthFailed' });
    expect((await generate(url, { openai: { apiKeyFile: join(root, 'none') } })).result).toMatchObject({
      reason: 'AuthFailed',
    });
  });
});

describe('bounds', { timeout: 60_000 }, () => {
  test('the token budget is never passed, and what was paid is kept for a larger one', async () => {
    const { url, log } = await serve({});
    const { result, exitCode: code } = await generate(url, { maxTokens: 8000 });
    expect(code).toBe(exitCode('budget'));
    expect(result).toMatchObject({ reason: 'BudgetExceeded' });
    expect(result?.message).toContain('spec.budget.maxTokens 8000');
    const paid = log.length;
    expect(paid).toBeGreaterThan(0);
    const more = await generate(url, { maxTokens: 1_000_000 });
    expect(more.exitCode).toBe(0);
    expect(new Set(answered(log)).size).toBe(answered(log).length);
    const { usage } = (more.result as Success<'generate-dataset'>).summary;
    expect(usage.requests).toBe(log.length);
  });

  test('a worker that is told to stop says that it can go on', async () => {
    const { url, log } = await serve({ latencyMs: 200 });
    const worker = startWorker('generate-dataset', inputFor(url), store);
    while (answered(log).length < 2) await sleep(10);
    worker.process.kill('SIGTERM');
    const { exitCode: code, result } = await worker.finished;
    expect(code).toBe(exitCode('preemptedSaved'));
    expect(result).toMatchObject({ reason: 'Stopped' });
  });

  test('a worker killed again and again ends with the same dataset and pays twice for nothing but what was in flight', async () => {
    const { url, log } = await serve({ latencyMs: 60 });
    const input = inputFor(url);
    let kills = 0;
    for (; kills < 5; kills += 1) {
      const before = log.length;
      const worker = startWorker('generate-dataset', input, store);
      const until = Date.now() + 10_000;
      while (log.length < before + 5 && worker.process.exitCode === null && Date.now() < until) await sleep(10);
      worker.process.kill('SIGKILL');
      await worker.finished;
    }
    const final = await generate(url);
    expect(final.exitCode).toBe(0);
    const paid = answered(log);
    const twice = paid.length - new Set(paid).size;
    expect(twice).toBeLessThanOrEqual(kills * 4);
    const straight = mkdtempSync(join(root, 'straight-'));
    cpSync(join(store, 'artifacts', 'documents'), join(straight, 'artifacts', 'documents'), { recursive: true });
    const expected = await callWorker('generate-dataset', generateDataset, input, straight);
    expect((final.result as Success<'generate-dataset'>).artifact).toEqual(
      (expected.result as Success<'generate-dataset'>).artifact,
    );
  });
});
