import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { configMaps, jobs, networkPolicies } from '../../src/controller/kinds.ts';
import type { ConfigMap, Job, ResourceKind } from '../../src/controller/kinds.ts';
import type { KubernetesObject } from '../../src/controller/object.ts';
import { pathOf } from '../../src/controller/paths.ts';
import type { Operator } from '../../src/operator.ts';
import { aDigest } from '../builders/objects.ts';
import { adminTransport } from './install.ts';
import { kubectlAsAdmin } from './kubectl.ts';
import { ModelLine } from './model-line.ts';
import { freshNamespace } from './namespace.ts';
import { runningOperator } from './running-operator.ts';
import { finishPod, startPod } from './simulated-run.ts';
import { until } from './until.ts';
import { workerResults } from './worker-results.ts';

const server = inject('apiServer');
const admin = adminTransport(server);
const repository = 'registry.images.svc:5000/team/handbook';
let namespace: string;
let line: ModelLine;
let operator: Operator;

const read = async <Found>(kind: ResourceKind, name: string): Promise<Found> =>
  (await admin.request('GET', pathOf(kind, namespace, name))) as Found;

async function tagJobs(): Promise<Job[]> {
  const { items } = (await admin.request('GET', pathOf(jobs, namespace))) as { items: Job[] };
  return items.filter(({ metadata }) => metadata.labels?.['doctune.dev/kind'] === 'evaluation-tag');
}

/** The Job that moves the tag, which nobody has begun with, and what it is told. */
async function asked(): Promise<{ job: Job; input: { digest: string; tag: string } }> {
  const job = await until('a Job that moves the tag', async () =>
    (await tagJobs()).find(
      ({ metadata, status }) => metadata.deletionTimestamp === undefined && status?.startTime === undefined,
    ),
  );
  const { data } = await read<ConfigMap>(configMaps, job.metadata.name);
  return { job, input: JSON.parse(data?.['input.json'] ?? '') as { digest: string; tag: string } };
}

async function moved(content: string): Promise<void> {
  const { job, input } = await asked();
  expect(input).toMatchObject({ tag: 'promoted', digest: aDigest(`manifest ${content}`) });
  await finishPod(admin, job, await startPod(admin, job), 0, JSON.stringify(workerResults.tag));
  await until('the tag', async () => (await line.status()).promotedTag?.digest === input.digest);
}

const conditionOf = async (type: string) => (await line.status()).conditions?.find((one) => one.type === type);

beforeAll(async () => {
  namespace = await freshNamespace(admin, 'promotion-tag');
  operator = await runningOperator(server, namespace);
  line = new ModelLine(admin, namespace, repository);
  await line.create({ promotion: { oci: { secretRef: { name: 'push' }, insecure: true } } });
});
afterAll(() => operator.stop());

describe('the tag of the promoted adapter at a real API server', () => {
  test('[17] nothing is tagged before anything has passed', async () => {
    // it makes the claim too, which must be older than what somebody goes back to
    await line.measure('weak', -20);
    expect(await tagJobs()).toEqual([]);
    expect(await conditionOf('Tagged')).toBeUndefined();
  });

  test('[17] it is moved when an adapter passes, by a Job that is no run', async () => {
    await line.measure('first', 20);
    const { run } = await line.status();
    await moved('first');
    expect((await line.status()).promotedTag).toMatchObject({ reference: `${repository}:promoted` });
    await until('the condition', async () => (await conditionOf('Tagged'))?.status === 'True');
    expect((await line.status()).run).toEqual(run);
    expect((await line.status()).history).toHaveLength(2);
    await until('an end of the Job', async () => (await tagJobs()).length === 0);
    const policy = await read<KubernetesObject & { spec: { egress: unknown[] } }>(
      networkPolicies,
      'handbook.evaluation-tag',
    );
    expect(JSON.stringify(policy.spec.egress)).toContain('"kubernetes.io/metadata.name":"images"');
  });

  test.each([
    ['fails', 'worse', -20],
    ['is inconclusive', 'equal', 0],
  ])('[17] it stays when an adapter %s', async (_, content, delta) => {
    const { promotedTag } = await line.status();
    await line.measure(content, delta);
    await until('a look after it', async () => (await conditionOf('Ready'))?.status === 'True');
    expect(await tagJobs()).toEqual([]);
    expect((await line.status()).promotedTag).toEqual(promotedTag);
  });

  test('[17] a registry that refuses is told with the remedy, and the promotion stands', async () => {
    await line.measure('second', 20);
    const { job } = await asked();
    const message = 'the registry lets nobody without credentials: give promotion.oci.secretRef';
    const result = { version: 1, exitCode: 14, reason: 'OciCredentials', message };
    await finishPod(admin, job, await startPod(admin, job), 14, JSON.stringify(result));
    await until('a refusal', async () => (await conditionOf('Tagged'))?.reason === 'OciCredentials');
    expect((await conditionOf('Tagged'))?.message).toContain(message);
    expect((await conditionOf('Ready'))?.status).toBe('True');
    expect((await line.told()).data?.digest).toBe(aDigest('second'));
    expect((await line.status()).promotedTag?.digest).toBe(aDigest('manifest first'));
    expect((await line.status()).promotedTagFailure).toMatchObject({ failures: 1, reason: 'OciCredentials' });
  });

  test('[17] other credentials are tried at once, and no failure is left', async () => {
    const patch = JSON.stringify({ spec: { promotion: { oci: { secretRef: { name: 'push-2' } } } } });
    await kubectlAsAdmin([
      '--namespace',
      namespace,
      'patch',
      'evaluation/handbook',
      '--type',
      'merge',
      '--patch',
      patch,
    ]);
    await moved('second');
    expect((await line.status()).promotedTagFailure).toBeUndefined();
  });

  test('[17] it goes back with a rollback by annotation', async () => {
    await kubectlAsAdmin([
      '--namespace',
      namespace,
      'annotate',
      'evaluation/handbook',
      'doctune.dev/rollback=previous',
    ]);
    await moved('first');
    expect((await line.told()).data?.digest).toBe(aDigest('first'));
  });

  test('[17] a tag that trainings make is refused when it is asked for', async () => {
    const patch = JSON.stringify({ spec: { promotion: { oci: { tag: 'sha256-0a1b2c3d4e5f' } } } });
    const args = ['--namespace', namespace, 'patch', 'evaluation/handbook', '--type', 'merge', '--patch', patch];
    await expect(kubectlAsAdmin(args)).rejects.toThrow('choose another');
  });
});
