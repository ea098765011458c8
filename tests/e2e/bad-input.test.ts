/** What a user gets wrong: each gives a condition that names the field and the remedy, and loses nothing. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { startGitServer, workTree } from '../../scripts/local/git-server.ts';
import { startEndpoints } from './model-endpoint.ts';
import { testNamespace, type TestNamespace } from './namespace.ts';
import { dataset, docSource, evaluation, fineTuneJob, readiness, readyOf, type Observed } from './objects.ts';

const minutes = 60_000;
const guides = join(import.meta.dirname, '../../node_modules/fastify/docs/Guides');

let namespace: TestNamespace;

const kinds = {
  docsource: 'docsources.doctune.dev',
  dataset: 'datasets.doctune.dev',
  job: 'finetunejobs.doctune.dev',
} as const;

async function ready(kind: keyof typeof kinds, name: string): Promise<ReturnType<typeof readyOf>> {
  return readyOf(await namespace.get<Observed>(kinds[kind], name));
}

const readyTo = async (kind: string, name: string): Promise<string> =>
  readiness(await namespace.get<Observed>(kind, name));

/** Wait until `Ready` has the reason, then look at its message. */
async function expectTrouble(kind: keyof typeof kinds, name: string, reason: RegExp, message: RegExp): Promise<void> {
  const shown = async (): Promise<string> => (await ready(kind, name))?.reason ?? '';
  await expect.poll(shown, { timeout: 8 * minutes, interval: 2000 }).toMatch(reason);
  const condition = await ready(kind, name);
  expect(condition?.status).not.toBe('True');
  expect(condition?.message).toMatch(message);
}

const git = (repository: string, more: object = {}): object => ({
  git: { url: `http://git-server/${repository}.git`, ...more },
});

beforeAll(async () => {
  namespace = await testNamespace('doctune-e2e-bad-input');
  const { operator } = inject('images');
  await startGitServer(namespace.name, operator);
  const endpoints = await startEndpoints(namespace.name, operator, ['status-401', 'status-402', 'prose', 'none']);
  const files = Object.fromEntries(
    await Promise.all(
      (await readdir(guides))
        .slice(0, 8)
        .map(async (file) => [file, await readFile(join(guides, file), 'utf8')] as const),
    ),
  );
  {
    await using documents = await workTree(namespace.name, 'guides', guides);
    await documents.push('guides');
  }
  const configMap = (name: string, data: Record<string, string>, binaryData: Record<string, string> = {}): object => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    data,
    binaryData,
  });
  const written = (name: string, fault: keyof typeof endpoints, key: object = {}): object =>
    dataset(name, 'good', {
      generator: { openai: { baseURL: endpoints[fault], model: 'scripted', timeout: '60s', ...key } },
      rows: { max: 60 },
    });
  await namespace.apply(
    configMap('guides', files),
    configMap('mixed', files, { 'picture.md': Buffer.from([0, 159, 146, 150, 0, 1]).toString('base64') }),
    configMap('one', { 'one.md': '# One\n\nThis is the one sentence that there is.\n' }),
    docSource('good', { files: { configMapRef: { name: 'guides' } } }),
    docSource('binary-file', { files: { configMapRef: { name: 'mixed' } } }),
    docSource('unknown-ref', git('guides', { ref: { branch: 'mian' } })),
    docSource('unknown-host', { git: { url: 'http://no-such-host/guides.git' } }),
    docSource('unknown-repository', git('nothing')),
    docSource('no-documents', git('guides', { include: ['manual/**'] })),
    docSource('no-secret', git('guides', { secretRef: { name: 'missing' } })),
    docSource('one', { files: { configMapRef: { name: 'one' } } }),
    dataset('rows', 'good', { rows: { max: 60 } }),
    dataset('few', 'one'),
    written('wrong-key', 'status-401'),
    written('no-balance', 'status-402'),
    written('prose', 'prose'),
    written('written', 'none'),
    fineTuneJob('wrong-target', 'rows', { lora: { targetModules: ['no_such_layer'] } }),
    fineTuneJob('no-model', 'rows', { baseModel: { claimRef: { name: 'no-such-claim', path: 'model' } } }),
    fineTuneJob('too-big', 'rows', { resources: { gpus: 16 } }),
  );
}, 10 * minutes);

afterAll(() => namespace[Symbol.asyncDispose](), 5 * minutes);

describe.concurrent('bad input', { timeout: 10 * minutes }, () => {
  test('an unknown branch is named, with the ones that are near', () =>
    expectTrouble('docsource', 'unknown-ref', /^RefNotFound$/, /git\.ref.*mian.*main/));
  test('an unreachable host is retried and says so', () =>
    expectTrouble('docsource', 'unknown-host', /^SourceUnreachable$/, /git\.url/));
  test('an unknown repository is told', () =>
    expectTrouble(
      'docsource',
      'unknown-repository',
      /^(RepositoryNotFound|AuthenticationFailed)$/,
      /git\.(url|secretRef)/,
    ));
  test('a repository without documents names the patterns', () =>
    expectTrouble('docsource', 'no-documents', /^NoDocuments$/, /include/));
  test('a missing Secret is named with its field', () =>
    expectTrouble('docsource', 'no-secret', /^VolumesNotReady$/, /"missing".*git\.secretRef/));
  test('too few rows name the gate', () => expectTrouble('dataset', 'few', /^TooFewRows$/, /gates\.minRows/));
  test('a wrong API key names the Secret', () =>
    expectTrouble('dataset', 'wrong-key', /^AuthFailed$/, /apiKeySecretRef/));
  test('an exhausted balance is told', () =>
    expectTrouble('dataset', 'no-balance', /^InsufficientBalance$/, /balance/));
  test('an endpoint that returns prose is told', () =>
    expectTrouble('dataset', 'prose', /^NotJson$/, /generator\.openai/));
  test('LoRA targets that do not exist are named, with those that do', () =>
    expectTrouble('job', 'wrong-target', /^UnknownTargetModules$/, /lora\.targetModules.*no_such_layer.*q_proj/));
  test('a claim without model is named', () => expectTrouble('job', 'no-model', /^ClaimNotFound$/, /no-such-claim/));
  test('resources that no node has are told while the pod waits', () =>
    expectTrouble('job', 'too-big', /^(Queued|Unschedulable)$/, /gpu.*spec\.resources/));

  test('a broken file is skipped and counted, the rest is used', async () => {
    await expect
      .poll(() => readyTo(kinds.docsource, 'binary-file'), { timeout: 8 * minutes, interval: 2000 })
      .toBe('True');
    const { status } = (await namespace.get<{ status: { documents: { total: number; skipped: number } } }>(
      kinds.docsource,
      'binary-file',
    ))!;
    expect(status.documents).toMatchObject({ total: 8, skipped: 1 });
  });

  test('rows written by a model endpoint become a dataset', async () => {
    await expect.poll(() => readyTo(kinds.dataset, 'written'), { timeout: 8 * minutes, interval: 2000 }).toBe('True');
    const { status } = (await namespace.get<{ status: { usage: { requests: number; totalTokens: number } } }>(
      kinds.dataset,
      'written',
    ))!;
    expect(status.usage.requests).toBeGreaterThan(0);
    expect(status.usage.totalTokens).toBeGreaterThan(0);
  });
});

describe('recovery', { concurrent: false }, () => {
  test('a corrected spec recovers without further help', { timeout: 10 * minutes }, async () => {
    await namespace.apply(
      docSource('unknown-ref', git('guides', { ref: { branch: 'main' } })),
      fineTuneJob('wrong-target', 'rows', { lora: { targetModules: ['q_proj'] }, training: { maxSteps: 4 } }),
      evaluation('tiny', 'wrong-target', {
        maxSamples: 4,
        settings: [{ name: 'short', maxInputTokens: 128, maxNewTokens: 8 }],
      }),
    );
    const all = async (): Promise<string[]> => [
      await readyTo(kinds.docsource, 'unknown-ref'),
      await readyTo(kinds.job, 'wrong-target'),
      await readyTo('evaluations.doctune.dev', 'tiny'),
    ];
    await expect.poll(all, { timeout: 8 * minutes, interval: 2000 }).toEqual(['True', 'True', 'True']);
  });

  test('the artifact stays when a newer spec fails', { timeout: 10 * minutes }, async () => {
    const before = (await namespace.get<Observed>(kinds.docsource, 'unknown-ref'))!.status!.artifact!.digest;
    await namespace.apply(docSource('unknown-ref', git('guides', { ref: { tag: 'v9' } })));
    await expectTrouble('docsource', 'unknown-ref', /^RefNotFound$/, /git\.ref/);
    expect((await namespace.get<Observed>(kinds.docsource, 'unknown-ref'))!.status!.artifact!.digest).toBe(before);
  });

  test('an update that the schema refuses says which field', async () => {
    await expect(namespace.apply(fineTuneJob('refused', 'rows', { lora: { rank: 0 } }))).rejects.toThrow(
      /spec\.lora\.rank/,
    );
  });
});
