import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { generateInput, publishDocuments } from '../../../../tests/builders/generate-input.ts';
import { callWorker, runWorkerProcess, startWorker } from '../../../../tests/builders/worker-process.ts';
import { createEndpoint, listen, type EndpointOptions, type LogEntry } from '../../../../tests/model-endpoint/index.ts';
import type { ArtifactRecord } from '../../../contract/artifact.ts';
import { exitCode } from '../../../contract/exit-codes.ts';
import type { GenerateInput } from '../../../contract/inputs.ts';
import type { Success } from '../../../contract/result.ts';
import { rejectedRowSchema, rowSchema, splits, type Row } from '../../../contract/rows.ts';
import { generateDataset } from '../generate.ts';

// real waits between the tries, on a machine that may be busy
vi.setConfig({ testTimeout: 60_000 });

const key = 'sk-test-0123456789';
const root = mkdtempSync(join(tmpdir(), 'model-'));
const keyFile = join(root, 'api-key');
let documents: ArtifactRecord;
let store: string;
let closeServer: (() => void) | undefined;

const paths = ['Reference/Principles.md', 'Reference/Middleware.md', 'Guides/Recommendations.md'];
const pages = Object.fromEntries(
  paths.map((path) => [path, readFileSync(`node_modules/fastify/docs/${path}`, 'utf8')]),
);

beforeAll(() => writeFileSync(keyFile, `${key}\n`));
beforeEach(async () => {
  store = mkdtempSync(join(root, 'store-'));
  documents = await publishDocuments(store, pages);
});
afterEach(() => closeServer?.());

async function serve(options: EndpointOptions): Promise<{ url: string; log: LogEntry[] }> {
  const { server, log } = createEndpoint({ apiKey: key, ...options });
  const { url, close } = await listen(server);
  closeServer = close;
  return { url, log };
}

interface Changes {
  maxTokens?: number | null;
  openai?: object;
  id?: string;
}

function inputFor(url: string, { maxTokens = null, openai, id = 'abcdef12' }: Changes = {}): GenerateInput {
  const endpoint = { baseURL: url, model: 'scripted', apiKeyFile: keyFile, temperature: 0.3, maxTokens: 512 };
  return generateInput(documents, {
    run: { namespace: 'default', name: 'quickstart', id },
    generator: { openai: { ...endpoint, concurrency: 4, timeoutSeconds: 2, ...openai } },
    tasks: [{ type: 'factual', weight: 1 }],
    rows: { max: 60, perChunk: 2, wordings: 2 },
    gates: { minRows: 5, maxFailedChunks: 0.2 },
    budget: { maxTokens },
  });
}

const generate = (url: string, changes: Changes = {}) =>
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
    rejected: lines('rejected.jsonl')
      .map((line) => rejectedRowSchema.parse(line))
      .filter(({ stage }) => stage === 'check' || stage === 'endpoint')
      .map(({ reason }) => reason),
  };
}

describe('a healthy endpoint', () => {
  test('gives rows with evidence from the documents; a second run with the same input pays nothing', async () => {
    const { url, log } = await serve({});
    const first = await generate(url);
    const { rows } = files(first.result);
    expect(rows.length).toBeGreaterThan(15);
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

  test('[T24] growth limits what is asked of new documents; what was asked before is known', async () => {
    const { url, log } = await serve({});
    const growing = { growth: { maxFraction: 0.1 } };
    const settings = { ...inputFor(url), ...growing };
    const first = await callWorker('generate-dataset', generateDataset, settings, store);
    const { artifact } = first.result as Success<'generate-dataset'>;
    const before = files(first.result).rows;
    log.splice(0);
    const more = ['Guides/Database.md', 'Guides/Serverless.md', 'Reference/Reply.md', 'Reference/Hooks.md'];
    const text = (path: string): string => readFileSync(`node_modules/fastify/docs/${path}`, 'utf8');
    documents = await publishDocuments(store, {
      ...pages,
      ...Object.fromEntries(more.map((path) => [path, text(path)])),
    });
    const larger = { ...inputFor(url), rows: { max: 1000, perChunk: 2, wordings: 2 } };
    const parent = { uri: artifact.uri, digest: artifact.digest };
    const second = await callWorker('generate-dataset', generateDataset, { ...larger, ...growing, parent }, store);
    const after = files(second.result).rows;
    const known = new Set(before.map(({ fact }) => fact));
    const fresh = after.filter(({ fact }) => !known.has(fact));
    expect(before.filter(({ id }) => !after.some((row) => row.id === id))).toEqual([]);
    expect(fresh.length).toBeLessThanOrEqual(before.length * 0.1);
    // one request gives up to two facts of two wordings each
    expect(log.length).toBeGreaterThan(0);
    expect(log.length).toBeLessThanOrEqual(Math.ceil(before.length * 0.1 * 1.5));
    const unlimited = await callWorker('generate-dataset', generateDataset, { ...larger, parent }, store);
    expect(unlimited.exitCode).toBe(0);
    expect(log.length).toBeGreaterThan(before.length);
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

describe('an endpoint in trouble', () => {
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

  test('an account without balance stops the run at once, and is told', async () => {
    const { url, log } = await serve({ always: 'status-402' });
    const { result, exitCode: code } = await generate(url);
    expect(result).toMatchObject({ reason: 'InsufficientBalance' });
    expect(code).toBe(exitCode('budget'));
    expect(result?.message).toContain('spec.generator.openai');
    // what was in flight, and at most what took its place before the first refusal was read
    expect(log.length).toBeLessThanOrEqual(8);
  });
});

describe('bounds', () => {
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
});
