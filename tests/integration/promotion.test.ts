import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Evaluation, FineTuneJobStatus } from '../../src/api/v1alpha1/index.ts';
import type { EvaluationResult } from '../../src/contract/result.ts';
import { configMaps, jobs } from '../../src/controller/kinds.ts';
import type { ConfigMap, Job, ResourceKind } from '../../src/controller/kinds.ts';
import { pathOf } from '../../src/controller/paths.ts';
import type { Operator } from '../../src/operator.ts';
import { evaluations, fineTuneJobs } from '../../src/reconcilers/kinds.ts';
import { aDigest } from '../builders/objects.ts';
import { writesOf } from './audit.ts';
import { adminTransport } from './install.ts';
import { kubectlAsAdmin } from './kubectl.ts';
import { freshNamespace } from './namespace.ts';
import { runningOperator } from './running-operator.ts';
import { finishPod, startPod } from './simulated-run.ts';
import { until } from './until.ts';
import { workerResults } from './worker-results.ts';

const server = inject('apiServer');
const admin = adminTransport(server);
const apiVersion = 'doctune.dev/v1alpha1';
const merge = (body: unknown) => ({ body, contentType: 'application/merge-patch+json' });
let namespace: string;
let operator: Operator;

const read = async <Object>(kind: ResourceKind, name: string): Promise<Object> =>
  (await admin.request('GET', pathOf(kind, namespace, name))) as Object;
const evaluation = async () => (await read<Evaluation>(evaluations, 'handbook')).status ?? {};
const promoted = () => read<ConfigMap>(configMaps, 'handbook-promoted');
const versionOf = async (): Promise<string | undefined> => (await promoted()).metadata.resourceVersion;

/** The adapter of a FineTuneJob that is suspended, so that it trains nothing by itself. */
async function newAdapter(content: string): Promise<void> {
  const artifact = (kind: string, text: string) => {
    const digest = aDigest(text);
    const uri = `pvc://doctune-artifacts/artifacts/${kind}/${digest.slice(7)}`;
    return { uri, digest, revision: digest.slice(0, 19), size: 1, lastUpdateTime: new Date().toISOString() };
  };
  const { uri, digest } = artifact('datasets', 'rows');
  const status: FineTuneJobStatus = {
    artifact: artifact('adapters', content),
    artifactRun: `handbook-train-${content}`,
    lineage: { inputsHash: content, dataset: { name: 'rows', uri, digest }, baseModel: { builtIn: 'tiny' } },
    method: { chosen: 'LoRA', learningRate: '0.0002' },
  };
  await admin.request('PATCH', `${pathOf(fineTuneJobs, namespace, 'handbook')}/status`, merge({ status }));
}

/** A newer adapter is measured with this difference; resolves when it has been judged. */
async function measure(content: string, delta: number): Promise<void> {
  await newAdapter(content);
  const { items } = await until('the Job of the evaluation', async () => {
    const list = (await admin.request('GET', pathOf(jobs, namespace))) as { items: Job[] };
    const open = list.items.filter(({ metadata, status }) => {
      const told = metadata.annotations?.['doctune.dev/lineage'] ?? '';
      return told.includes(aDigest(content)) && status?.startTime === undefined;
    });
    return open.length === 1 && { items: open };
  });
  const { summary, ...rest } = workerResults.evaluate;
  const row: EvaluationResult = ['bleu', 'recall', 0, 5, 5 + delta, delta, delta - 2, delta + 2, 64, 0.01, 'Better'];
  const result = { ...rest, summary: { ...summary, results: [row] } };
  const job = items[0]!;
  await finishPod(admin, job, await startPod(admin, job), 0, JSON.stringify(result));
  await until('a verdict', async () => {
    const status = await evaluation();
    return status.resultsRun === job.metadata.name && status.run?.state === 'Succeeded';
  });
}

const annotate = (...pairs: string[]): Promise<string> =>
  kubectlAsAdmin(['--namespace', namespace, 'annotate', '--overwrite', 'evaluation/handbook', ...pairs]);

beforeAll(async () => {
  namespace = await freshNamespace(admin, 'promotion');
  operator = await runningOperator(server, namespace);
  const create = (kind: ResourceKind, spec: object): Promise<unknown> => {
    const body = { apiVersion, kind: kind.kind, metadata: { name: 'handbook' }, spec };
    return admin.request('POST', pathOf(kind, namespace), { body });
  };
  await create(fineTuneJobs, { suspend: true, datasetRef: { name: 'rows' }, baseModel: { builtIn: 'tiny' } });
  const rules = [{ metric: 'bleu', split: 'recall', minDelta: '0', requireSignificant: true }];
  await create(evaluations, { jobRef: { name: 'handbook' }, gate: { rules } });
});
afterAll(() => operator.stop());

describe('promotion at a real API server', () => {
  test('[17] an adapter that passes is told to others, owned by its Evaluation', async () => {
    await measure('first', 20);
    const { data, metadata } = await until('the ConfigMap', () => promoted().catch(() => undefined));
    expect(metadata.ownerReferences).toMatchObject([{ kind: 'Evaluation', name: 'handbook', controller: true }]);
    expect(data).toMatchObject({
      digest: aDigest('first'),
      run: 'handbook-train-first',
      loraModules: `handbook=/store/artifacts/adapters/${aDigest('first').slice(7)}/adapter`,
    });
  });

  test.each([
    ['fails', 'worse', -20, 'Failed'],
    ['is inconclusive', 'equal', 0, 'Inconclusive'],
  ])('[17] one that %s never changes it', async (_, content, delta, verdict) => {
    const before = await versionOf();
    await measure(content, delta);
    expect((await evaluation()).gate?.verdict).toBe(verdict);
    expect(await versionOf()).toBe(before);
    expect((await evaluation()).promoted?.artifact.digest).toBe(aDigest('first'));
  });

  test('[17] a rollback by annotation moves it back once, and nothing moves it again', async () => {
    await measure('second', 20);
    expect((await promoted()).data?.digest).toBe(aDigest('second'));
    await annotate('doctune.dev/rollback=previous', 'doctune.dev/rollback-by=ada', 'doctune.dev/rollback-reason=rude');
    await until('the rollback', async () => (await promoted()).data?.digest === aDigest('first'));
    await until('its record', async () => (await evaluation()).rollbacks?.length === 1);
    expect((await evaluation()).rollbacks).toMatchObject([{ by: 'ada', reason: 'rude' }]);
    const [version, writes] = [await versionOf(), (await writesOf(server.auditLog, namespace)).length];
    for (let look = 0; look < 20; look++) await annotate(`note=${look}`);
    await operator.stop();
    operator = await runningOperator(server, namespace);
    await annotate('note=after the restart');
    await sleep(1500);
    expect(await versionOf()).toBe(version);
    expect((await writesOf(server.auditLog, namespace)).length).toBe(writes);
  });

  test('[17] a newer one that passes ends the rollback', async () => {
    await measure('third', -20);
    expect((await promoted()).data?.digest).toBe(aDigest('first'));
    await measure('fourth', 20);
    expect((await promoted()).data?.digest).toBe(aDigest('fourth'));
    const { rollback, history } = await evaluation();
    expect(rollback).toBeUndefined();
    expect(history?.map(({ verdict }) => verdict)).toEqual([
      'Passed',
      'Failed',
      'Passed',
      'Inconclusive',
      'Failed',
      'Passed',
    ]);
  });

  test('[17] what cannot be gone back to is refused, and kubectl shows why', async () => {
    await annotate('doctune.dev/rollback=nobody');
    const refused = await until('a refusal', async () =>
      (await evaluation()).conditions?.find(({ type }) => type === 'RollbackRefused'),
    );
    expect(refused).toMatchObject({ reason: 'RunNotFound', status: 'True' });
    const table = await kubectlAsAdmin(['--namespace', namespace, 'get', 'eval']);
    expect(table).toMatch(/JOB +RECALL +DELTA +UNSEEN +GATE +PROMOTED +SINCE/);
    expect(table).toContain(aDigest('fourth').slice(0, 19));
  });

  test('[17] the ConfigMap is made again when it is removed', async () => {
    await admin.request('DELETE', pathOf(configMaps, namespace, 'handbook-promoted'));
    const again = await until('the ConfigMap', () => promoted().catch(() => undefined));
    expect(again.data?.digest).toBe(aDigest('fourth'));
  });
});
