/** One training on two pods: they find each other by the Service of their run, and lose nothing with one of them. */
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { copyArtifacts } from '../../scripts/local/store.ts';
import { kubectl } from '../cluster/index.ts';
import { testNamespace, type TestNamespace } from './namespace.ts';
import { dataset, docSource, fineTuneJob, readiness, type Observed } from './objects.ts';

const minutes = 60_000;
const guides = join(import.meta.dirname, '../../node_modules/fastify/docs/Guides');
const kind = 'finetunejobs.doctune.dev';

interface Tuned extends Observed {
  status?: Observed['status'] & {
    run?: { name: string };
    training?: { step?: number; totalSteps?: number };
    artifact?: { uri: string; digest: string };
  };
}

interface Pod {
  metadata: { name: string; annotations?: Record<string, string>; deletionTimestamp?: string };
  status?: { phase?: string };
}

let namespace: TestNamespace;
let folder: string;

const job = async (name: string): Promise<Tuned | undefined> => namespace.get<Tuned>(kind, name);

const stepOf = async (name: string): Promise<number> => (await job(name))?.status?.training?.step ?? 0;

const podsOf = async (name: string): Promise<Pod[]> =>
  namespace.list<Pod>('pods', `doctune.dev/kind=finetunejob,doctune.dev/name=${name}`);

const indexOf = ({ metadata }: Pod): string | undefined =>
  metadata.annotations?.['batch.kubernetes.io/job-completion-index'];

/** As a drain of its node does. */
async function evict(name: string): Promise<void> {
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: namespace.name } };
  const path = `/api/v1/namespaces/${namespace.name}/pods/${name}/eviction`;
  await kubectl(['create', '--raw', path, '--filename', '-'], { input: JSON.stringify(eviction) });
}

async function weightsOf(name: string): Promise<string> {
  const { artifact } = (await job(name))!.status!;
  const copy = join(folder, name);
  await copyArtifacts(namespace.name, inject('images').operator, { [artifact!.uri]: copy });
  return createHash('sha256')
    .update(await readFile(join(copy, 'adapter/adapter_model.safetensors')))
    .digest('hex');
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doctune-e2e-nodes-'));
  namespace = await testNamespace('doctune-e2e-nodes');
  const names = (await readdir(guides)).slice(0, 6);
  const texts = await Promise.all(
    names.map(async (file) => [file, await readFile(join(guides, file), 'utf8')] as const),
  );
  const spec = {
    resources: { nodes: 2 },
    training: { maxSteps: 60, perDeviceBatchSize: 2, loggingSteps: 1, evalSteps: 20, precision: 'fp32' },
    checkpoint: { everySteps: 5 },
  };
  await namespace.apply(
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'guides' }, data: Object.fromEntries(texts) },
    docSource('guides', { files: { configMapRef: { name: 'guides' } } }),
    dataset('rows', 'guides', { rows: { max: 60 } }),
    fineTuneJob('calm', 'rows', spec),
    fineTuneJob('disturbed', 'rows', spec),
  );
}, 5 * minutes);

afterAll(async () => {
  await namespace[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
}, 5 * minutes);

describe('a FineTuneJob with two nodes', { concurrent: false }, () => {
  test('runs on two pods of one Job, and reports its progress', { timeout: 6 * minutes }, async () => {
    await expect.poll(() => stepOf('disturbed'), { timeout: 5 * minutes, interval: 1000 }).toBeGreaterThan(5);
    const running = (await podsOf('disturbed')).filter(({ status }) => status?.phase === 'Running');
    expect(new Set(running.map(indexOf))).toEqual(new Set(['0', '1']));
  });

  test('[T14] [T22] a pod that is evicted in the middle costs no step', { timeout: 10 * minutes }, async () => {
    const second = (await podsOf('disturbed')).find((pod) => indexOf(pod) === '1');
    await evict(second!.metadata.name);
    // a Job whose first pod has succeeded removes the others
    const seen = new Set<string>();
    for (const name of ['calm', 'disturbed']) {
      const isDone = async (): Promise<string> => {
        for (const { metadata } of await podsOf('disturbed')) seen.add(metadata.name);
        return readiness(await job(name));
      };
      await expect.poll(isDone, { timeout: 9 * minutes, interval: 1000 }).toBe('True');
    }
    // both were started again: one was evicted, the other fell with it
    seen.delete(second!.metadata.name);
    expect(seen.size).toBeGreaterThanOrEqual(3);
    expect(await stepOf('disturbed')).toBe(60);
    expect(await weightsOf('disturbed')).toBe(await weightsOf('calm'));
  });

  test('leaves no Service behind', { timeout: 2 * minutes }, async () => {
    await kubectl(['-n', namespace.name, 'delete', kind, '--all', '--timeout=60s']);
    const left = async (): Promise<string[]> =>
      (await namespace.list('services', 'app.kubernetes.io/managed-by=doctune')).map(({ metadata }) => metadata.name);
    await expect.poll(left, { timeout: minutes, interval: 2000 }).toEqual([]);
  });
});
