import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import type { DocSource } from '../../src/api/v1alpha1/index.ts';
import { jobs } from '../../src/controller/kinds.ts';
import type { Job } from '../../src/controller/kinds.ts';
import { pathOf } from '../../src/controller/paths.ts';
import type { Operator } from '../../src/operator.ts';
import { docSources } from '../../src/reconcilers/kinds.ts';
import { writesOf } from './audit.ts';
import { adminTransport } from './install.ts';
import { freshNamespace } from './namespace.ts';
import { runningOperator } from './running-operator.ts';
import { createPod, endJob, endPod, finishPod, startJob, startPod } from './simulated-run.ts';
import { until } from './until.ts';

const server = inject('apiServer');
const admin = adminTransport(server);
let namespace: string;
let operator: Operator;

const digest = `sha256:${'a'.repeat(64)}`;
const result = JSON.stringify({
  version: 1,
  reason: 'Fetched',
  message: 'fetched 3 documents',
  exitCode: 0,
  artifact: { uri: `pvc://doctune-artifacts/artifacts/documents/${'a'.repeat(64)}`, digest, size: 10 },
  summary: { revision: `main@sha1:${'b'.repeat(40)}`, documents: { total: 3, skipped: 0, byFormat: { markdown: 3 } } },
});

const createSource = (spec: object): Promise<unknown> =>
  admin.request('POST', pathOf(docSources, namespace), {
    body: { apiVersion: 'doctune.dev/v1alpha1', kind: 'DocSource', metadata: { name: 'docs' }, spec },
  });
const source = async (): Promise<DocSource> =>
  (await admin.request('GET', pathOf(docSources, namespace, 'docs'))) as DocSource;
const readyOf = async () => (await source()).status?.conditions?.find(({ type }) => type === 'Ready');
const jobList = async (): Promise<Job[]> =>
  ((await admin.request('GET', pathOf(jobs, namespace))) as { items: Job[] }).items;
const onlyJob = (): Promise<Job> => until('the fetch Job', async () => (await jobList())[0]);

beforeEach(async () => {
  namespace = await freshNamespace(admin, 'operator');
  operator = await runningOperator(server, namespace);
});
afterEach(() => operator.stop());

describe('the operator with its real kinds and its own permissions', () => {
  test('takes a DocSource from its spec to a Job, an artifact and rest', async () => {
    await createSource({ git: { url: 'https://example.org/docs.git' } });
    const job = await onlyJob();
    expect(job.metadata.name).toMatch(/^docs-fetch-[0-9a-f]{8}$/);
    expect(job.spec?.template.spec?.containers[0]?.image).toBe('doctune/operator:test');
    const pod = await startPod(admin, job);
    await until('a running source', async () => (await readyOf())?.reason === 'Fetching');
    await finishPod(admin, job, pod, 0, result);
    await until('a ready source', async () => (await readyOf())?.status === 'True');
    expect((await source()).status).toMatchObject({
      phase: 'Ready',
      observedGeneration: 1,
      artifact: { digest, revision: `main@sha1:${'b'.repeat(40)}` },
      documents: { total: 3 },
    });

    await sleep(1000);
    const before = await writesOf(server.auditLog, namespace);
    await sleep(3000);
    expect(await writesOf(server.auditLog, namespace)).toEqual(before);
    expect(before.filter((write) => write.startsWith('patch jobs/'))).toEqual([`patch jobs/${job.metadata.name}`]);
    expect(await jobList()).toHaveLength(1);
  });

  test('says what is wrong when the worker says so, and recovers when the spec is corrected', async () => {
    await createSource({ git: { url: 'https://example.org/docs.git', ref: { branch: 'mian' } } });
    const job = await onlyJob();
    const pod = await startPod(admin, job);
    const message = 'spec.git.ref.branch: "mian" does not exist: name a branch of the repository';
    await finishPod(admin, job, pod, 13, JSON.stringify({ version: 1, reason: 'RefNotFound', message, exitCode: 13 }));
    await until('a failed source', async () => (await readyOf())?.reason === 'RefNotFound');
    expect((await readyOf())?.message).toContain(message);

    const body = { spec: { git: { ref: { branch: 'main' } } } };
    const path = pathOf(docSources, namespace, 'docs');
    await admin.request('PATCH', path, { body, contentType: 'application/merge-patch+json' });
    const second = await until('a second Job', async () =>
      (await jobList()).find(({ metadata }) => metadata.name !== job.metadata.name),
    );
    await finishPod(admin, second, await startPod(admin, second), 0, result);
    await until('a ready source', async () => (await readyOf())?.status === 'True');
  });

  test('takes nothing for lost that is only heard of late', async () => {
    await createSource({ git: { url: 'https://example.org/docs.git' } });
    const job = await onlyJob();
    await startJob(admin, job);
    await endJob(admin, job, 0);
    await until('a source that waits for its pod', async () => (await readyOf())?.reason === 'ResultAwaited');
    await endPod(admin, await createPod(admin, job), 0, result);
    await until('a ready source', async () => (await readyOf())?.status === 'True');
    expect((await jobList()).map(({ metadata }) => metadata.uid)).toEqual([job.metadata.uid]);
  });

  test('a successor goes on where another operator stopped, and does nothing twice', async () => {
    await createSource({ git: { url: 'https://example.org/docs.git' } });
    const job = await onlyJob();
    const pod = await startPod(admin, job);
    await until('a running source', async () => (await readyOf())?.reason === 'Fetching');
    await operator.stop();
    await finishPod(admin, job, pod, 0, result);
    operator = await runningOperator(server, namespace);
    await until('a ready source', async () => (await readyOf())?.status === 'True');
    expect(await jobList()).toHaveLength(1);
  });

  test('has metrics of itself and of its objects, and they go with the object', async () => {
    const scrape = async (): Promise<string> =>
      (await fetch(`http://127.0.0.1:${operator.metricsPort}/metrics`)).text();
    await createSource({ git: { url: 'https://example.org/docs.git' } });
    await onlyJob();
    const series = `doctune_object_ready{kind="DocSource",namespace="${namespace}",name="docs"}`;
    const settled = 'workqueue_depth{name="docsource"} 0';
    const text = await until('the metrics of the source', async () => {
      const scraped = await scrape();
      return [series, 'result="success"', settled].every((part) => scraped.includes(part)) && scraped;
    });
    for (const name of [
      'controller_runtime_reconcile_total{controller="docsource",result="success"}',
      'rest_client_requests_total{code="200",method="PATCH"',
      `leader_election_master_status{name="lease-${namespace}"} 1`,
    ])
      expect(text).toContain(name);
    await admin.request('DELETE', pathOf(docSources, namespace, 'docs'));
    await until('no metrics of the source', async () => !(await scrape()).includes(series));
  });
});

describe('the probes', () => {
  const probe = async (path: string): Promise<number> =>
    (await fetch(`http://127.0.0.1:${operator.healthPort}${path}`)).status;

  test('say that the operator lives and is ready', async () => {
    expect([await probe('/healthz'), await probe('/readyz'), await probe('/other')]).toEqual([200, 200, 404]);
  });
});
