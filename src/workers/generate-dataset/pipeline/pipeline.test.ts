import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { generateInput, publishDocuments } from '../../../../tests/builders/generate-input.ts';
import { callWorker } from '../../../../tests/builders/worker-process.ts';
import { createEndpoint, listen, type EndpointOptions } from '../../../../tests/model-endpoint/index.ts';
import type { ArtifactRecord } from '../../../contract/artifact.ts';
import { exitCode } from '../../../contract/exit-codes.ts';
import type { Success } from '../../../contract/result.ts';
import {
  manifestSchema,
  rejectedRowSchema,
  rowSchema,
  splits,
  type RejectedRow,
  type Row,
} from '../../../contract/rows.ts';
import { reportSchema } from '../../../contract/report.ts';
import { createClaimStore } from '../../artifacts/claim-store.ts';
import { estimator } from '../chunk/tokens.ts';
import { prepareCorpus } from '../corpus/prepare.ts';
import { generateDataset } from '../generate.ts';

// the worker starts processes for parsing: a busy machine starts them slowly
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const store = mkdtempSync(join(tmpdir(), 'pipeline-'));
const verbs = ['opens', 'closes', 'reads', 'writes', 'locks', 'moves'];
const page = (name: string, count = verbs.length): string =>
  `# ${name}\n\nThe ${name} is a part of Acme that keeps one kind of thing in order.\n\n${verbs
    .slice(0, count)
    .map(
      (verb, index) =>
        `## ${name} ${verb}\n\nThe ${name} ${verb} entry number ${index} of the ${name} table before anything else is done. ` +
        `It waits for ${name.length + index} seconds until the ${verb.slice(0, -1)} of ${name} is confirmed by the server.\n\n` +
        `${`The ${name} ${verb} what the caller of ${name} has asked for. `.repeat(4)}\n`,
    )
    .join('\n')}`;
const names = ['Alpha', 'Bravo', 'Carrot', 'Dynamo', 'Ember', 'Falcon', 'Garnet', 'Hollow'];
const pages = Object.fromEntries(names.map((name) => [`${name}.md`, page(name)]));
const prices = { input: 1, cachedInput: 0.1, output: 2 };
const chunking = { targetTokens: 96, maxTokens: 192, minTokens: 32 };

type Changes = NonNullable<Parameters<typeof generateInput>[1]>;
type Summary = Success<'generate-dataset'>['summary'];

let documents: ArtifactRecord;
const closing: (() => void)[] = [];
beforeAll(async () => {
  documents = await publishDocuments(store, pages);
});
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function scripted(options: EndpointOptions = {}) {
  const { server, log } = createEndpoint(options);
  const { url, close } = await listen(server);
  closing.push(close);
  const openai = {
    baseURL: url,
    model: 'scripted',
    maxTokens: 1024,
    concurrency: 4,
    timeoutSeconds: 30,
    temperature: 0.3,
  };
  return { openai, log };
}

type Openai = Awaited<ReturnType<typeof scripted>>['openai'];
const judgeOf = (
  { baseURL, model, maxTokens, concurrency, timeoutSeconds }: Openai,
  calibration: string | null = null,
) => ({
  endpoint: { baseURL, model, maxTokens, concurrency, timeoutSeconds },
  ...{ minRelevance: 1, requireSelfContained: true, votes: 1, calibration },
});

let runs = 0;
/** each run has an id of its own, unless one is given */
async function generate(artifact: ArtifactRecord, changes: Changes) {
  runs += 1;
  const run = { namespace: 'default', name: 'quickstart', id: runs.toString(16).padStart(8, '0') };
  const done = await callWorker(
    'generate-dataset',
    generateDataset,
    generateInput(artifact, { run, chunking, ...changes }),
    store,
  );
  const success = done.result?.exitCode === 0 ? (done.result as Success<'generate-dataset'>) : undefined;
  return { ...done, artifact: success?.artifact, summary: success?.summary as Summary };
}

const folderOf = (artifact: ArtifactRecord | undefined): string =>
  join(store, artifact!.uri.replace('pvc://doctune-artifacts/', ''));
const lines = <T>(path: string): T[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
const rowsIn = (artifact: ArtifactRecord | undefined): Row[] =>
  splits.flatMap((split) => lines<Row>(join(folderOf(artifact), `${split}.jsonl`)));
const rejectedIn = (artifact: ArtifactRecord | undefined): RejectedRow[] =>
  lines<RejectedRow>(join(folderOf(artifact), 'rejected.jsonl'));
const referTo = ({ uri, digest }: ArtifactRecord) => ({ uri, digest });

async function usableChunks(artifact: ArtifactRecord): Promise<{ id: string; place: string }[]> {
  const input = generateInput(artifact, { chunking });
  const context = { store: createClaimStore(store), signal: new AbortController().signal };
  const scratch = mkdtempSync(join(tmpdir(), 'scratch-'));
  const { corpus, close } = await prepareCorpus(input, estimator, context, scratch, () => undefined);
  await close();
  return corpus.chunks
    .filter(({ skip }) => skip === undefined)
    .map(({ id, document, start }) => ({ id, place: `${corpus.documents[document]!.path} ${start}` }));
}

describe('a model', () => {
  test('[T1] makes the same dataset of unchanged documents without a single request', async () => {
    const { openai, log } = await scripted();
    const first = await generate(documents, { generator: { openai } });
    expect(first.summary.rows.train).toBeGreaterThan(20);
    const paid = log.length;
    expect(paid).toBeGreaterThan(10);
    const second = await generate(documents, { generator: { openai } });
    expect(log.length).toBe(paid);
    expect(second.artifact).toEqual(first.artifact);
  });

  test('the bytes do not depend on how many requests are under way', async () => {
    const { openai } = await scripted({ latencyMs: 3 });
    const [one, many] = [mkdtempSync(join(tmpdir(), 'one-')), mkdtempSync(join(tmpdir(), 'many-'))];
    const digests = [];
    for (const [folder, concurrency] of [
      [one, 1],
      [many, 16],
    ] as const) {
      const artifact = await publishDocuments(folder, pages);
      const input = generateInput(artifact, { chunking, generator: { openai: { ...openai, concurrency } } });
      const { result } = await callWorker('generate-dataset', generateDataset, input, folder);
      digests.push((result as Success<'generate-dataset'>).artifact.digest);
    }
    expect(digests[0]).toBe(digests[1]);
  });

  test('[T11] leaves no usable chunk without an accepted row or a recorded reason', async () => {
    const { openai } = await scripted();
    const { artifact, summary } = await generate(documents, {
      generator: { openai },
      rows: { max: 120, perChunk: 2, wordings: 2 },
    });
    const chunks = await usableChunks(documents);
    expect(summary.chunks.usable).toBe(chunks.length);
    const covered = new Set(rowsIn(artifact).map(({ source }) => `${source.path} ${source.start}`));
    const reasoned = new Set(rejectedIn(artifact).map(({ chunk }) => chunk));
    const unexplained = chunks.filter(({ id, place }) => !covered.has(place) && !reasoned.has(id));
    expect(unexplained).toEqual([]);
    const report = reportSchema.parse(JSON.parse(readFileSync(join(folderOf(artifact), 'report.json'), 'utf8')));
    expect(summary.coverage).toBe(report.coverage.share);
  });

  test('of one changed document of eight asks about that one alone, and tells what changed', async () => {
    const { openai, log } = await scripted();
    const before = await generate(documents, { generator: { openai } });
    const asked = log.length;
    const changed = await publishDocuments(store, { ...pages, 'Ember.md': page('Ember', 3) });
    const after = await generate(changed, { generator: { openai }, parent: referTo(before.artifact!) });
    expect(log.length - asked).toBeGreaterThan(0);
    expect(log.length - asked).toBeLessThan(asked / 4);
    const [old, now] = [rowsIn(before.artifact), rowsIn(after.artifact)].map(
      (rows) => new Set(rows.map(({ id }) => id)),
    );
    const kept = [...now!].filter((id) => old!.has(id)).length;
    expect(after.summary.delta).toEqual({ added: now!.size - kept, retired: old!.size - kept, kept });
    expect(kept).toBeGreaterThan(old!.size / 2);
  });

  test('whose answers fail makes a dataset that is PartiallyFailed, and goes on where it failed', async () => {
    const { openai, log } = await scripted({ mix: { share: 0.4, faults: ['content-filter'] } });
    // a run that is asked for again keeps its id, and with it what it paid for
    const run = { namespace: 'default', name: 'quickstart', id: 'fa11edfa11ed' };
    const failed = await generate(documents, { run, generator: { openai } });
    expect(failed.exitCode).toBe(exitCode('data'));
    expect(failed.result).toMatchObject({ reason: 'PartiallyFailed' });
    expect(failed.result?.message).toMatch(/gates\.maxFailedChunks 0\.05.*answers that were paid for are kept/s);
    // the endpoint has recovered: what it answered before is not asked for again
    const paid = log.length;
    const again = await generate(documents, { run, generator: { openai } });
    expect(again.summary.chunks.failed).toBe(0);
    expect(log.length - paid).toBeGreaterThan(0);
    expect(log.length - paid).toBeLessThan(paid * 0.7);
  });

  test('[T31] keeps what it turned down, with stage and reason, and the counts agree', async () => {
    const { openai } = await scripted({ mix: { share: 0.3, faults: ['content-filter'] } });
    const { artifact, summary } = await generate(documents, {
      generator: { openai },
      gates: { minRows: 1, maxFailedChunks: 1 },
      budget: { maxTokens: null, prices },
    });
    const rejected = rejectedIn(artifact);
    expect(summary.chunks.failed).toBeGreaterThan(0);
    const unanswered = rejected.filter(({ stage }) => stage === 'endpoint');
    expect(unanswered.length).toBeGreaterThanOrEqual(summary.chunks.failed);
    expect(rejected.length).toBe(summary.rows.rejected);
    for (const row of rejected) expect(rejectedRowSchema.safeParse(row).success).toBe(true);
    const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(folderOf(artifact), 'manifest.json'), 'utf8')));
    expect(manifest.prices).toEqual({ generator: prices });
    for (const [reason, count] of Object.entries(manifest.rejected))
      expect(rejected.filter((row) => row.reason === reason).length).toBe(count);
    expect(Object.values(manifest.prompts ?? {}).every((digest) => /^sha256:[0-9a-f]{64}$/.test(digest))).toBe(true);
    const rows = rowsIn(artifact);
    for (const row of rows) expect(rowSchema.safeParse(row).success).toBe(true);
    const cost = [...rows, ...rejected].reduce((sum, row) => sum + (row.cost ?? 0), 0);
    expect(cost).toBeGreaterThan(0);
    expect(cost).toBeLessThanOrEqual(summary.usage.cost! * 1.0001);
  });

  test('makes a sample with an estimate of the whole', async () => {
    const { openai, log } = await scripted();
    const { summary } = await generate(documents, {
      generator: { openai },
      preview: { chunks: 3 },
      gates: { minRows: 100_000 },
    });
    expect(summary.chunks.done).toBeLessThanOrEqual(3);
    expect(summary.estimate!.requests).toBeGreaterThan(log.length);
  });

  test.each<[string, (openai: Openai) => Changes]>([
    ['that writes', (openai) => ({ generator: { openai } })],
    ['that judges', (openai) => ({ generator: { extractive: {} }, judge: judgeOf(openai) })],
  ])('[T25] %s estimates the whole by answers of the store as by those it pays for', async (_, changes) => {
    const { openai, log } = await scripted();
    const sample = { ...changes({ ...openai, model: 'estimated' }), budget: { maxTokens: null, prices } };
    const preview = { chunks: 12 };
    const first = await generate(documents, { ...sample, preview });
    const paid = log.length;
    expect(first.summary.estimate!.tokens).toBeGreaterThan(0);
    expect(first.summary.estimate!.cost).toBeGreaterThan(0);
    // an edit while the sample waits: another run, which finds all answers
    const again = await generate(documents, { ...sample, preview, gates: { minRows: 2 } });
    expect(log.length).toBe(paid);
    expect(again.summary.usage.requests).toBe(0);
    expect(again.summary.estimate).toEqual(first.summary.estimate);
    // a larger sample finds some of them: it tells of the same whole
    const larger = await generate(documents, { ...sample, preview: { chunks: 24 } });
    expect(larger.summary.usage.requests).toBeLessThan(log.length);
    expect(larger.summary.estimate!.tokens).toBeGreaterThan(first.summary.estimate!.tokens / 2);
  });
});

describe('what is read at the end is looked at before anything is paid', () => {
  const human = (accepted: boolean) =>
    JSON.stringify({ document: 'It listens.', question: 'What does it do?', answer: 'It listens.', accepted });
  const calibrationOf = (text: string): string => {
    const folder = mkdtempSync(join(tmpdir(), 'calibration-'));
    writeFileSync(join(folder, 'rows.jsonl'), text);
    return folder;
  };

  test.each<[string, (openai: Openai) => Changes, string]>([
    [
      '[T27] a calibration of a model that writes',
      (openai) => ({ generator: { openai }, judge: judgeOf(openai, calibrationOf('{}')) }),
      'InvalidCalibration',
    ],
    [
      '[T27] a calibration of rows of structure',
      (openai) => ({ judge: judgeOf(openai, calibrationOf('{}')) }),
      'InvalidCalibration',
    ],
    [
      '[T35] general rows',
      (openai) => ({ generator: { openai }, mixture: { general: '/nowhere', domainWeight: 0.7 } }),
      'PathNotFound',
    ],
  ])('%s', async (_, changes, reason) => {
    const { openai, log } = await scripted();
    const { result } = await generate(documents, changes({ ...openai, model: 'early' }));
    expect(result).toMatchObject({ reason });
    expect(log).toHaveLength(0);
  });

  test('[T27] a calibration without money is a warning, no failure of what is finished', async () => {
    const { openai } = await scripted();
    const changes = { preview: { chunks: 12 } };
    const judge = judgeOf({ ...openai, model: 'frugal' });
    const { summary } = await generate(documents, { ...changes, judge });
    const { inputTokens, outputTokens } = summary.usage;
    expect(inputTokens).toBeGreaterThan(0);
    const calibrated = { ...judge, calibration: calibrationOf([human(true), human(false)].join('\n')) };
    // the rows are in the store, and there is no room for one request more
    const poor = await generate(documents, { ...changes, judge: calibrated, budget: { maxTokens: 100 } });
    expect(poor.summary.judgeAgreement).toBeNull();
    expect(poor.summary.warnings[0]).toContain('no money was left');
    const rich = await generate(documents, { ...changes, judge: calibrated, budget: { maxTokens: 100_000 } });
    expect(rich.summary.warnings.join()).not.toContain('no money');
    // what the calibration takes, one question for both rows, is told as used, and does not grow with the rows
    expect(rich.summary.usage.requests).toBe(1);
    expect(rich.summary.estimate).toEqual(summary.estimate);
    expect(inputTokens + outputTokens).toBeLessThanOrEqual(summary.estimate!.tokens);
  });
});

describe('versions', () => {
  const extractive = { generator: { extractive: {} } };

  test('[T32] of growing documents never train what was held back before', async () => {
    const heldBack = (rows: Row[]): string[] => rows.filter((row) => row.split !== 'train').map(({ id }) => id);
    let current = { 'Alpha.md': page('Alpha', 4), 'Bravo.md': page('Bravo', 4) } as Record<string, string>;
    let before = await generate(await publishDocuments(store, current), extractive);
    for (const more of [names.slice(2, 3), names.slice(3, 5), names.slice(5)]) {
      current = { ...current, ...Object.fromEntries(more.map((name) => [`${name}.md`, page(name)])) };
      const parent = referTo(before.artifact!);
      const after = await generate(await publishDocuments(store, current), { ...extractive, parent });
      const trained = new Set(
        rowsIn(after.artifact)
          .filter((row) => row.split === 'train')
          .map(({ id }) => id),
      );
      expect(heldBack(rowsIn(before.artifact)).filter((id) => trained.has(id))).toEqual([]);
      before = after;
    }
  });

  test('a version before that is its own changes nothing, and one that was deleted is no failure', async () => {
    const first = await generate(documents, extractive);
    const again = await generate(documents, { ...extractive, parent: referTo(first.artifact!) });
    expect(again.artifact).toEqual(first.artifact);
    expect(again.summary.delta).toMatchObject({ added: 0, retired: 0 });
    const hex = 'e'.repeat(64);
    const gone = { uri: `pvc://doctune-artifacts/artifacts/datasets/${hex}`, digest: `sha256:${hex}` };
    const orphan = await generate(documents, { ...extractive, parent: gone });
    expect(orphan.artifact).toEqual(first.artifact);
    expect(orphan.summary.warnings[0]).toMatch(/version before \(sha256:e{12}\) cannot be read.*the split begins anew/);
  });

  test('[T24] growth without the version before is refused before anything is asked', async () => {
    const { openai, log } = await scripted();
    const hex = 'e'.repeat(64);
    const gone = { uri: `pvc://doctune-artifacts/artifacts/datasets/${hex}`, digest: `sha256:${hex}` };
    const input = { generator: { openai }, growth: { maxFraction: 0.1 }, parent: gone };
    const { result, exitCode: exit } = await generate(documents, input);
    expect(exit).toBe(exitCode('data'));
    expect(result).toMatchObject({ reason: 'ParentUnreadable' });
    expect(result?.message).toContain('take spec.growth out');
    expect(log).toHaveLength(0);
  });

  test('[T36] copies of few rows do not lift them over the gate', async () => {
    const augmentation = { copies: 8, synonym: 0.3, swap: 0.2, delete: 0.1 };
    const plain = await generate(documents, extractive);
    const count = rowsIn(plain.artifact).length;
    const gates = { minRows: count + 1 };
    const failed = await generate(documents, { ...extractive, augmentation, gates });
    expect(failed.result).toMatchObject({ reason: 'TooFewRows' });
    const { artifact } = await generate(documents, { ...extractive, augmentation, gates: { minRows: count } });
    const rows = rowsIn(artifact);
    expect(rows.length).toBeGreaterThan(count);
    expect(rows.filter(({ parents = [] }) => parents.length === 0)).toHaveLength(count);
  });

  test('growth limits what is new, and facts of before stay', async () => {
    const few = Object.fromEntries(Object.entries(pages).slice(0, 5));
    const before = await generate(await publishDocuments(store, few), extractive);
    const growth = { maxFraction: 0.1 };
    const after = await generate(documents, { ...extractive, growth, parent: referTo(before.artifact!) });
    const old = new Set(rowsIn(before.artifact).map(({ fact }) => fact));
    const now = rowsIn(after.artifact);
    const fresh = now.filter(({ fact }) => !old.has(fact));
    expect(fresh.length).toBeGreaterThan(0);
    expect(fresh.length).toBeLessThanOrEqual(Math.floor(old.size === 0 ? 0 : rowsIn(before.artifact).length * 0.1));
    const kept = new Set(now.map(({ fact }) => fact));
    expect([...old].filter((fact) => !kept.has(fact))).toEqual([]);
    const manifest = manifestSchema.parse(
      JSON.parse(readFileSync(join(folderOf(after.artifact), 'manifest.json'), 'utf8')),
    );
    expect(manifest.parent).toBe(before.artifact!.digest);
  });
});
