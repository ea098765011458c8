import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { Dataset, DocSource, Evaluation, FineTuneJob } from '../../src/api/v1alpha1/index.ts';
import type { WorkerName } from '../../src/contract/result.ts';
import { jobs } from '../../src/controller/kinds.ts';
import type { Job, ResourceKind } from '../../src/controller/kinds.ts';
import { pathOf } from '../../src/controller/paths.ts';
import type { ConditionedStatus, ReconciledObject } from '../../src/controller/reconciler.ts';
import type { Operator } from '../../src/operator.ts';
import { datasets, docSources, evaluations, fineTuneJobs } from '../../src/reconcilers/kinds.ts';
import { writesOf } from './audit.ts';
import { adminTransport } from './install.ts';
import { freshNamespace } from './namespace.ts';
import { runningOperator } from './running-operator.ts';
import { finishPod, startPod } from './simulated-run.ts';
import { until } from './until.ts';
import { workerResults } from './worker-results.ts';

const server = inject('apiServer');
const admin = adminTransport(server);
const kinds = [docSources, datasets, fineTuneJobs, evaluations] as readonly ResourceKind[];
let namespace: string;
let operator: Operator;

async function applyExample(): Promise<void> {
  const text = await readFile(join(import.meta.dirname, '../../examples/finetune.yaml'), 'utf8');
  for (const document of parseAllDocuments(text)) {
    const body = document.toJS() as ReconciledObject;
    const kind = kinds.find((one) => one.kind === body.kind)!;
    await admin.request('PATCH', pathOf(kind, namespace, body.metadata.name), {
      body,
      query: { fieldManager: 'kubectl', force: true },
      contentType: 'application/apply-patch+yaml',
    });
  }
}

async function read<Object>(kind: ResourceKind): Promise<Object> {
  return (await admin.request('GET', pathOf(kind, namespace, 'quickstart'))) as Object;
}
const readyOf = async (kind: ResourceKind) =>
  (await read<ReconciledObject<ConditionedStatus>>(kind)).status?.conditions?.find(({ type }) => type === 'Ready');
const jobsOf = async (stage: string): Promise<Job[]> => {
  const { items } = (await admin.request('GET', pathOf(jobs, namespace))) as { items: Job[] };
  return items.filter(({ metadata }) => metadata.name.startsWith(`quickstart-${stage}-`));
};

async function runStage(stage: string, worker: WorkerName, kind: ResourceKind): Promise<void> {
  const job = await until(`the Job of stage "${stage}"`, async () => (await jobsOf(stage))[0]);
  await finishPod(admin, job, await startPod(admin, job), 0, JSON.stringify(workerResults[worker]));
  await until(`"${kind.kind}" ready`, async () => (await readyOf(kind))?.status === 'True');
}

beforeAll(async () => {
  namespace = await freshNamespace(admin, 'chain');
  operator = await runningOperator(server, namespace);
  await applyExample();
});
afterAll(() => operator.stop());

describe('the four objects of the example', () => {
  test('wait for each other by name', async () => {
    await until('a waiting dataset', async () => (await readyOf(datasets))?.status === 'Unknown');
    // each object has its turn, in no order
    for (const kind of [datasets, evaluations]) {
      const names = async (): Promise<boolean> => (await readyOf(kind))?.message.includes('"quickstart"') === true;
      await until('a message that names what is waited for', names);
    }
    expect(await jobsOf('train')).toEqual([]);
  });

  test('become ready one after the other, each from the digest before it', async () => {
    await runStage('fetch', 'fetch-documents', docSources);
    await runStage('generate', 'generate-dataset', datasets);
    await runStage('train', 'train', fineTuneJobs);
    await runStage('evaluate', 'evaluate', evaluations);

    const source = (await read<DocSource>(docSources)).status;
    const dataset = (await read<Dataset>(datasets)).status;
    const job = (await read<FineTuneJob>(fineTuneJobs)).status;
    const evaluation = (await read<Evaluation>(evaluations)).status;
    expect(dataset?.sources?.[0]?.digest).toBe(source?.artifact?.digest);
    expect(dataset?.rows).toMatchObject({ train: 80, recall: 16 });
    expect(job?.artifact?.digest).toBe(workerResults.train.artifact.digest);
    expect(job?.training).toMatchObject({ step: 60, loss: '0.41' });
    expect(evaluation?.subject).toMatchObject({ adapterDigest: job?.artifact?.digest });
    expect(evaluation?.results).toHaveLength(2);
  });

  test('are written no more when they have settled', async () => {
    await sleep(2000);
    const before = await writesOf(server.auditLog, namespace);
    await sleep(3000);
    expect(await writesOf(server.auditLog, namespace)).toEqual(before);
  });

  test('start nothing when the same file is applied again', async () => {
    const before = await writesOf(server.auditLog, namespace);
    await applyExample();
    await sleep(1000);
    expect(await writesOf(server.auditLog, namespace)).toEqual(before);
  });

  test('start nothing when the operator is started anew', async () => {
    await operator.stop();
    const before = await writesOf(server.auditLog, namespace);
    operator = await runningOperator(server, namespace);
    await sleep(1500);
    expect(await writesOf(server.auditLog, namespace)).toEqual(before);
  });
});
