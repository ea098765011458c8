import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { generateInput, publishDocuments } from '../../../../tests/builders/generate-input.ts';
import { callWorker } from '../../../../tests/builders/worker-process.ts';
import { createEndpoint, listen, type LogEntry } from '../../../../tests/model-endpoint/index.ts';
import { reportSchema } from '../../../contract/report.ts';
import type { Success } from '../../../contract/result.ts';
import { manifestSchema, rowSchema, splits, type RejectedRow, type Row } from '../../../contract/rows.ts';
import { writeTokenizer } from '../chunk/testdata/tokenizer.ts';
import { generateDataset } from '../generate.ts';

vi.setConfig({ testTimeout: 30_000 });

const root = mkdtempSync(join(tmpdir(), 'import-'));
const store = join(root, 'store');
const folderOf = (name: string, files: Record<string, string>): string => {
  const folder = join(root, name);
  mkdirSync(folder);
  for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content);
  return folder;
};
const lines = (rows: readonly unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

const verbs = ['open', 'close', 'read', 'flush', 'lock', 'rename', 'compress', 'verify', 'upload', 'archive'];
const things = ['file', 'socket', 'queue', 'table', 'stream', 'cache', 'timer', 'event', 'session', 'index'];
const asked = verbs.flatMap((verb) => things.map((thing) => `How do I ${verb} the ${thing}?`));
const rows = asked.map((question, i) => ({ instruction: question, output: `Call number ${i} with its own options.` }));
const chat = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'What is a plugin?' },
  { role: 'assistant', content: 'A function that is registered.' },
  { role: 'user', content: 'And what happens after that?' },
  { role: 'assistant', content: 'It is called once.' },
];
const imported = folderOf('rows', {
  'a.jsonl': lines([...rows, { instruction: 'broken' }]),
  'b.json': JSON.stringify([{ messages: chat }]),
});
const general = folderOf('general', {
  'g.jsonl': lines(
    Array.from({ length: 200 }, (_, i) => ({ prompt: `What is ${i} plus ${i}?`, completion: `${2 * i}` })),
  ),
});

type Changes = Parameters<typeof generateInput>[1];
async function make(changes: Changes = {}) {
  const settings: Changes = {
    sources: [],
    generator: null,
    importFrom: { path: imported, format: 'Auto', historyTurns: null },
  };
  const unused = { uri: 'pvc://none', digest: `sha256:${'0'.repeat(64)}`, size: 0 };
  const { result } = await callWorker(
    'generate-dataset',
    generateDataset,
    generateInput(unused, { ...settings, ...changes }),
    store,
  );
  expect(result).toMatchObject({ reason: 'Generated' });
  const { artifact, summary } = result as Success<'generate-dataset'>;
  const folder = join(store, artifact.uri.replace('pvc://doctune-artifacts/', ''));
  const text = (path: string): string => readFileSync(join(folder, path), 'utf8');
  const read = (path: string): unknown[] =>
    text(path)
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as unknown);
  const all = splits.flatMap((split) => read(`${split}.jsonl`).map((row) => rowSchema.parse(row)));
  return { summary, text, all, rejected: read('rejected.jsonl') as RejectedRow[], digest: artifact.digest };
}

const trained = (all: readonly Row[]): Row[] => all.filter(({ split }) => split === 'train');

test('[T41] rows that were made elsewhere become a dataset without a model, each in one split, bad ones with their line', async () => {
  const { all, rejected, summary, text } = await make();
  expect(all).toHaveLength(101);
  expect(summary.rows).toMatchObject({ rejected: 1, recall: 0 });
  expect(summary.rows.test).toBeGreaterThan(0);
  expect(rejected).toEqual([
    expect.objectContaining({ stage: 'import', path: 'import/a.jsonl', row: { instruction: 'broken' } }),
  ]);
  expect(rejected[0]?.detail).toContain('line 101: "output" must be a string');
  const told = all.find(({ task }) => task === 'multiTurn');
  expect(told).toMatchObject({
    messages: chat,
    source: { path: 'b.json', heading: ['group', expect.any(String), 'item 1'], evidence: [] },
  });
  reportSchema.parse(JSON.parse(text('report.json')));
  manifestSchema.parse(JSON.parse(text('manifest.json')));
  expect(text('README.md')).toContain('made elsewhere');
});

test('[C65] further right answers of a row come with it in every split, in one form, and are in no other format', async () => {
  const references = ['It was called on 3 May 2024.', 'Once.'];
  const path = folderOf('references', {
    'a.jsonl': lines(rows.map((row, i) => ({ ...row, references: [...references, `Again ${i}.`] }))),
    'b.jsonl': lines([{ ...rows[0], instruction: 'Whom?', references: ['write to ada.lovelace@posteo.de'] }]),
  });
  const { all, rejected, text } = await make({
    importFrom: { path, format: 'Auto', historyTurns: null },
    consistency: { dates: 'ISO' },
    formats: ['messages', 'alpaca'],
  });
  expect(all.length).toBeGreaterThan(90);
  for (const row of all) expect(row.references).toEqual(['It was called on 2024-05-03.', 'Once.', expect.any(String)]);
  expect(all.filter(({ split }) => split === 'test').length).toBeGreaterThan(0);
  expect(rejected).toEqual([expect.objectContaining({ reason: 'REDACTED' })]);
  expect(text('formats/alpaca/train.jsonl')).not.toContain('Once.');
});

test('[T34] [T35] [T37] copies, general rows and other forms come with it, and again with the same digest', async () => {
  const changes: Changes = {
    augmentation: { copies: 1, synonym: 0.5, swap: 0.2, delete: 0.1 },
    mixture: { general, domainWeight: 0.8 },
    formats: ['messages', 'alpaca', 'sharegpt'],
    review: { sample: 10, verdicts: null },
  };
  const { all, text, digest } = await make(changes);
  const copies = all.filter(({ parents }) => parents !== undefined);
  expect(copies.length).toBeGreaterThan(20);
  const originals = new Set(trained(all).map(({ id }) => id));
  for (const { split, parents } of copies) expect([split, originals.has(parents![0]!)]).toEqual(['train', true]);
  const questions = all.map(({ messages }) =>
    messages
      .filter(({ role }) => role === 'user')
      .map(({ content }) => content)
      .join('\n'),
  );
  expect(new Set(questions).size).toBe(all.length);
  const tokensOf = (own: readonly Row[]) => own.reduce((sum, { tokens }) => sum + tokens!.prompt + tokens!.answer, 0);
  const domain = tokensOf(trained(all).filter((row) => row.domain === 'documents'));
  expect(domain / tokensOf(trained(all))).toBeCloseTo(0.8, 1);
  expect(text('formats/alpaca/train.jsonl').trimEnd().split('\n')).toHaveLength(trained(all).length);
  expect((await make(changes)).digest).toBe(digest);
});

test('[T40] with a tokenizer, lengths and the form "text" have what its chat template adds', async () => {
  const tokenizer = { path: await writeTokenizer() };
  const chunking = { targetTokens: 512, maxTokens: 1024, tokenizer };
  const { all, text } = await make({ formats: ['messages', 'text'], chunking });
  const [first] = text('formats/text/train.jsonl').split('\n');
  const { messages } = trained(all)[0]!;
  expect(JSON.parse(first!)).toEqual({
    text: messages.map(({ role, content }) => `<|turn|>${role}\n${content}<|end|>`).join(''),
  });
  const { tokens } = reportSchema.parse(JSON.parse(text('report.json')));
  expect(tokens!.total!.p50).toBeGreaterThan(tokens!.prompt!.p50 + tokens!.answer!.p50);
});

test('[T41] verdicts of reviewers remove and change rows, in every wording', async () => {
  const review = { sample: 6, verdicts: null };
  const sheet = parse((await make({ review })).text('review/sheet.csv'), {
    bom: true,
    columns: true,
  }) as unknown as Record<string, string>[];
  expect(sheet).toHaveLength(6);
  for (const { url } of sheet) expect(url).toMatch(/^import\/(?:a\.jsonl > line|b\.json > item) \d+$/);
  const [bad, better, good] = sheet as [Record<string, string>, Record<string, string>, Record<string, string>];
  Object.assign(bad, { verdict: 'reject', reviewer: 'ada', comment: 'wrong' });
  Object.assign(better, { verdict: 'edit', 'edited answer': 'Better.', reviewer: 'ada' });
  Object.assign(good, { verdict: 'accept', reviewer: 'ada' });
  const foreign = { ...good, id: `sha256:${'1'.repeat(64)}`, fact: 'f'.repeat(32) };
  const verdicts = folderOf('verdicts', { 'verdicts.csv': stringify([...sheet, foreign], { header: true }) });
  const { all, rejected } = await make({ review: { sample: 6, verdicts } });
  const of = ({ question }: Record<string, string>) =>
    all.find(({ messages }) => messages.at(-2)?.content === question);
  expect(of(bad)).toBeUndefined();
  expect(of(better)).toMatchObject({ fact: better.fact, review: { verdict: 'edited', reviewer: 'ada' } });
  expect(of(better)?.messages.at(-1)?.content).toBe('Better.');
  expect(of(good)).toMatchObject({ id: good.id, review: { verdict: 'accepted', reviewer: 'ada' } });
  const reviewed = rejected.filter(({ stage }) => stage === 'review');
  expect(reviewed).toContainEqual(expect.objectContaining({ reason: 'REVIEW_REJECTED', detail: 'by ada: wrong' }));
  expect(reviewed.map(({ detail }) => detail)).toContainEqual(expect.stringMatching(/^line \d+: fact "ffff/));
});

describe('[T27] [T41] a judge sees rows of others too', () => {
  const judged = folderOf('judged', {
    'a.jsonl': lines([
      ...rows
        .slice(0, 20)
        .map(({ instruction }) => ({ instruction, output: `${instruction.slice(9, -1)} by its call.` })),
      { instruction: 'How do I breathe?', output: 'How do I...' },
      { instruction: 'How do I swim?', output: 'Bananas.' },
    ]),
  });
  const importFrom = { path: judged, format: 'Auto', historyTurns: null } as const;
  let url: string;
  let log: LogEntry[];
  let close: () => void;
  beforeAll(async () => {
    const endpoint = createEndpoint({});
    log = endpoint.log;
    ({ url, close } = await listen(endpoint.server));
  });
  afterAll(() => close());
  const judge = () => {
    const endpoint = { baseURL: url, model: 'strict', maxTokens: 512, concurrency: 4, timeoutSeconds: 30 };
    return { endpoint, minRelevance: 1, requireSelfContained: true, votes: 1, calibration: null };
  };
  const budget = { maxTokens: null, prices: { input: 1, cachedInput: 0, output: 1 } };

  test('what it accepts has scores, what it turns down is told, and again nothing is paid', async () => {
    const first = await make({ importFrom, judge: judge(), budget });
    expect(first.all).toHaveLength(20);
    for (const { scores, cost } of first.all) {
      // there is no document that it could be faithful to
      expect(scores).toEqual({ relevance: 2, selfContained: 1, difficulty: 1, judge: 'strict' });
      expect(cost).toBeGreaterThan(0);
    }
    const told = first.rejected.map(({ reason, stage, cost }) => [reason, stage, (cost ?? 0) > 0]);
    expect(told.sort()).toEqual([
      ['IRRELEVANT', 'judge', true],
      ['UNSOUND', 'judge', true],
    ]);
    expect(first.summary.usage).toMatchObject({ requests: 22 });
    expect(first.summary.usage.cost).toBeGreaterThan(0);
    const paid = log.length;
    expect((await make({ importFrom, judge: judge(), budget })).digest).toBe(first.digest);
    expect(log).toHaveLength(paid);
  });

  test('[T25] a preview judges a few rows and estimates the rest', async () => {
    log.splice(0);
    const id = { run: { namespace: 'default', name: 'rows', id: 'fedcba98' } };
    const other = { ...judge(), endpoint: { ...judge().endpoint, model: 'another' } };
    const { summary, all } = await make({ importFrom, judge: other, budget, preview: { chunks: 5 }, ...id });
    expect(log).toHaveLength(5);
    expect(all).toHaveLength(5);
    expect(summary.estimate).toMatchObject({ requests: 22 });
  });

  test('rows of structure are judged against the chunk that they quote', async () => {
    const page =
      '# Acme\n\n## Ports\n\nThe option `port` of Acme sets where it listens, and 8080 is the default of it.\n';
    const documents = await publishDocuments(store, { 'acme.md': page });
    const sources = [{ name: 'acme', artifact: { uri: documents.uri, digest: documents.digest } }];
    const extractive = { sources, importFrom: null, generator: { extractive: {} } } as const;
    const { all } = await make({ ...extractive, judge: judge(), budget });
    expect(all.length).toBeGreaterThan(0);
    for (const { scores } of all) expect(scores).toMatchObject({ faithful: true, judge: 'strict' });
  });
});
