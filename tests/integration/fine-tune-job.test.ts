import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { FineTuneJob } from '../../src/api/v1alpha1/index.ts';
import { progressManager } from '../../src/controller/cluster.ts';
import { jobs, networkPolicies } from '../../src/controller/kinds.ts';
import type { Job, ResourceKind } from '../../src/controller/kinds.ts';
import type { KubernetesObject } from '../../src/controller/object.ts';
import { pathOf } from '../../src/controller/paths.ts';
import type { Operator } from '../../src/operator.ts';
import { progressStatus } from '../../src/reconcilers/fine-tune-job/index.ts';
import { datasets, fineTuneJobs } from '../../src/reconcilers/kinds.ts';
import { aDigest } from '../builders/objects.ts';
import { writesOf } from './audit.ts';
import { adminTransport } from './install.ts';
import { freshNamespace } from './namespace.ts';
import { runningOperator } from './running-operator.ts';
import { startPod } from './simulated-run.ts';
import { until } from './until.ts';

const server = inject('apiServer');
const admin = adminTransport(server);
const apiVersion = 'doctune.dev/v1alpha1';
const merge = (body: unknown) => ({ body, contentType: 'application/merge-patch+json' });
let namespace: string;
let operator: Operator;

/** A dataset that is made elsewhere, and ready. */
async function readyDataset(): Promise<void> {
  const spec = { suspend: true, importFrom: { configMapRef: { name: 'rows' } } };
  const body = { apiVersion, kind: 'Dataset', metadata: { name: 'rows' }, spec };
  await admin.request('POST', pathOf(datasets, namespace), { body });
  const digest = aDigest('rows');
  const uri = `pvc://doctune-artifacts/artifacts/datasets/${digest.slice(7)}`;
  const artifact = { uri, digest, revision: 'rows', size: 1, lastUpdateTime: '2026-11-22T11:00:00Z' };
  await admin.request('PATCH', `${pathOf(datasets, namespace, 'rows')}/status`, merge({ status: { artifact } }));
}

async function create(name: string, spec: object, labels: Record<string, string> = {}): Promise<Job> {
  const given = { datasetRef: { name: 'rows' }, baseModel: { builtIn: 'tiny' }, ...spec };
  const body = { apiVersion, kind: 'FineTuneJob', metadata: { name, labels }, spec: given };
  await admin.request('POST', pathOf(fineTuneJobs, namespace), { body });
  return until(`the Job of "${name}"`, async () => {
    const { items } = (await admin.request('GET', pathOf(jobs, namespace))) as { items: Job[] };
    return items.find(({ metadata }) => metadata.name.startsWith(`${name}-train-`));
  });
}

const read = async <Object>(kind: ResourceKind, name: string): Promise<Object> =>
  (await admin.request('GET', pathOf(kind, namespace, name))) as Object;
const statusOf = async (name: string) => (await read<FineTuneJob>(fineTuneJobs, name)).status;
const readyOf = async (name: string) => (await statusOf(name))?.conditions?.find(({ type }) => type === 'Ready');

beforeAll(async () => {
  namespace = await freshNamespace(admin, 'training');
  operator = await runningOperator(server, namespace);
  await readyDataset();
});
afterAll(() => operator.stop());

describe('a FineTuneJob at a real API server', () => {
  test('[C82] shows the parameters of its preset', async () => {
    await create('preset', { preset: 'overfit-aware', training: { epochs: '2' } });
    const status = await until('resolved parameters', async () => {
      const found = await statusOf('preset');
      return found?.resolved === undefined ? undefined : found;
    });
    expect(status.resolved).toMatchObject({
      'lora.rank': '8',
      'training.epochs': '2',
      'training.precision': 'fp32',
      'earlyStopping.patience': '3',
    });
    expect(status.effectiveBatchSize).toBe(16);
  });

  test('is queued by its label, and its Job stays as Kueue suspends it', async () => {
    const job = await create('queued', {}, { 'kueue.x-k8s.io/queue-name': 'team-a' });
    expect(job.metadata.labels).toMatchObject({ 'kueue.x-k8s.io/queue-name': 'team-a' });
    await admin.request('PATCH', pathOf(jobs, namespace, job.metadata.name), merge({ spec: { suspend: true } }));
    await until('a queued job', async () => (await readyOf('queued'))?.reason === 'WaitsInQueue');
    expect((await statusOf('queued'))?.phase).toBe('Queued');
    expect((await read<Job>(jobs, job.metadata.name)).spec?.suspend).toBe(true);
    await admin.request('PATCH', pathOf(jobs, namespace, job.metadata.name), merge({ spec: { suspend: false } }));
    await startPod(admin, job);
    await until('a running job', async () => (await readyOf('queued'))?.reason === 'Training');
  });

  test('tells its Job of each checkpoint once', async () => {
    const job = await create('saved', {});
    const { name } = job.metadata;
    await startPod(admin, job);
    await until('a running job', async () => (await readyOf('saved'))?.reason === 'Training');
    const report = async (step: number, time: string) => {
      const metrics = [{ name: 'checkpoint_step', value: step }];
      const trainerStatus = { metrics, lastUpdatedTime: time };
      const context = { run: name, before: await statusOf('saved') };
      const status = progressStatus({ trainerStatus }, context);
      const body = { apiVersion, kind: 'FineTuneJob', metadata: { name: 'saved', namespace }, status };
      await admin.request('PATCH', `${pathOf(fineTuneJobs, namespace, 'saved')}/status`, {
        body,
        query: { fieldManager: progressManager, force: true },
        contentType: 'application/apply-patch+yaml',
      });
    };
    await report(40, '2026-11-22T12:00:00Z');
    const annotated = await until('the annotation', async () => {
      const { metadata } = await read<Job>(jobs, name);
      return metadata.annotations?.['doctune.dev/checkpoint-step'] === '40' && metadata.annotations;
    });
    expect(annotated['doctune.dev/checkpoint-time']).toBe('2026-11-22T12:00:00.000Z');
    expect(annotated['doctune.dev/run-id']).toBeDefined();
    await until('the condition', async () =>
      (await statusOf('saved'))?.conditions?.some(({ type }) => type === 'CheckpointSaved'),
    );
    const before = await writesOf(server.auditLog, namespace);
    for (const second of [1, 2, 3]) await report(40, `2026-11-22T12:00:0${second}Z`);
    await report(41, '2026-11-22T12:01:00Z');
    await until('the next annotation', async () => {
      const { metadata } = await read<Job>(jobs, name);
      return metadata.annotations?.['doctune.dev/checkpoint-step'] === '41';
    });
    const writes = (await writesOf(server.auditLog, namespace)).slice(before.length);
    expect(writes.filter((write) => write === `patch jobs/${name}`)).toHaveLength(1);
  });

  test('limits what its pods may reach, and all of the pod is taken', async () => {
    const job = await create('limited', {
      baseModel: { huggingFace: { repo: 'owner/name' } },
      resources: {
        gpus: 1,
        gpuMemory: '23Gi',
        resourceClaims: [{ name: 'nic', resourceClaimTemplateName: 'fast-nic' }],
      },
      runtime: {
        env: [{ name: 'TOKEN', secretKeyRef: { name: 'hub' } }],
        podTemplate: { schedulerName: 'volcano', annotations: { note: 'x' }, labels: { team: 'docs' } },
      },
    });
    const policy = await read<KubernetesObject & { spec: { egress: { ports?: object[] }[] } }>(
      networkPolicies,
      'limited.finetunejob',
    );
    expect(policy.metadata.ownerReferences).toMatchObject([{ kind: 'FineTuneJob', name: 'limited' }]);
    expect(policy.spec.egress.at(-1)).toEqual({ ports: [{ protocol: 'TCP', port: 443 }] });
    const { spec, metadata } = job.spec!.template;
    expect(metadata).toMatchObject({ annotations: { note: 'x' }, labels: { team: 'docs' } });
    expect(spec).toMatchObject({ schedulerName: 'volcano', resourceClaims: [{ name: 'nic' }] });
    expect(spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms).toEqual([
      { matchExpressions: [{ key: 'nvidia.com/gpu.memory', operator: 'Gt', values: ['23551'] }] },
    ]);
  });
});
