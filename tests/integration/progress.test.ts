import { request } from 'node:https';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import type { DocSource } from '../../src/api/v1alpha1/index.ts';
import { progressAudience } from '../../src/contract/environment.ts';
import { configMaps, jobs, pods } from '../../src/controller/kinds.ts';
import type { ConfigMap, Job, Pod } from '../../src/controller/kinds.ts';
import { pathOf } from '../../src/controller/paths.ts';
import type { Operator } from '../../src/operator.ts';
import { docSources } from '../../src/reconcilers/kinds.ts';
import { writesOf } from './audit.ts';
import { adminTransport } from './install.ts';
import { freshNamespace } from './namespace.ts';
import { runningOperator } from './running-operator.ts';
import { finishPod, startPod } from './simulated-run.ts';
import { until } from './until.ts';

const server = inject('apiServer');
const admin = adminTransport(server);
let operator: Operator;
let namespace: string;
let job: Job;
let pod: Pod;
let ca: string;
let token: string;

async function tokenFor(account: Pod, audience: string): Promise<string> {
  const { name, uid } = account.metadata;
  const body = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: {
      audiences: [audience],
      expirationSeconds: 600,
      boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
    },
  };
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/default/token`;
  return ((await admin.request('POST', path, { body })) as { status: { token: string } }).status.token;
}

interface Sent {
  status: number;
  body: string;
}

const send = (body: string, headers: Record<string, string>, method = 'POST'): Promise<Sent> =>
  new Promise((resolve, reject) => {
    const port = operator.progressPort();
    const sent = request({ host: '127.0.0.1', port, path: '/', method, ca, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });

/** The body that the KubeflowCallback of transformers sends: metrics as strings, a time with an offset. */
const report = (percent: number, metrics: Record<string, number | string> = {}): string =>
  JSON.stringify({
    trainerStatus: {
      lastUpdatedTime: '2026-11-22T18:00:00.123456+00:00',
      progressPercentage: percent,
      estimatedRemainingSeconds: 60,
      metrics: Object.entries(metrics).map(([name, value]) => ({ name, value: String(value) })),
    },
  });
const post = (body: string, bearer = token): Promise<Sent> =>
  send(body, { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' });
const statusOf = async () => ((await admin.request('GET', pathOf(docSources, namespace, 'docs'))) as DocSource).status;
const percentOf = async () => (await statusOf())?.progress?.percent;

beforeAll(async () => {
  namespace = await freshNamespace(admin, 'progress');
  operator = await runningOperator(server, namespace);
});
afterAll(() => operator.stop());

beforeEach(async () => {
  const spec = { git: { url: 'https://example.org/docs.git' } };
  const body = { apiVersion: 'doctune.dev/v1alpha1', kind: 'DocSource', metadata: { name: 'docs' }, spec };
  await admin.request('POST', pathOf(docSources, namespace), { body });
  job = await until('the Job', async () => {
    const { items } = (await admin.request('GET', pathOf(jobs, namespace))) as { items: Job[] };
    return items[0];
  });
  pod = await startPod(admin, job);
  const inputs = (await admin.request('GET', pathOf(configMaps, namespace, job.metadata.name))) as ConfigMap;
  ca = inputs.data?.['ca.crt'] ?? '';
  token = await tokenFor(pod, progressAudience);
  await until('a known pod', async () => (await post(report(0))).status === 200);
});
afterEach(async () => {
  await admin.request('DELETE', pathOf(docSources, namespace, 'docs'));
  await admin.request('DELETE', pathOf(jobs, namespace, job.metadata.name), {
    body: { propagationPolicy: 'Background' },
  });
  await admin.request('DELETE', pathOf(pods, namespace, pod.metadata.name), {
    body: { gracePeriodSeconds: 0 },
  });
});

describe('a report of a worker', () => {
  test('reaches the status of the object it works for, by a token bound to its pod', async () => {
    expect(await post(report(40, { chunks_done: 2, loss: 'nan' }))).toEqual({ status: 200, body: '{}' });
    await until('the progress', async () => (await percentOf()) === 40);
    expect((await statusOf())?.trainerStatus).toMatchObject({
      progressPercentage: 40,
      metrics: [{ name: 'chunks_done', value: '2' }],
    });
  });

  test('is written at most every two seconds, and the last one is never lost', async () => {
    const isProgress = (write: string): boolean => write === 'patch docsources/docs/status';
    await until('the first report', async () => (await percentOf()) === 0);
    const before = (await writesOf(server.auditLog, namespace)).filter(isProgress).length;
    for (const percent of [10, 20, 30, 40, 50, 60]) expect((await post(report(percent))).status).toBe(200);
    await until('the last report', async () => (await percentOf()) === 60);
    const after = (await writesOf(server.auditLog, namespace)).filter(isProgress).length;
    expect(after - before).toBeLessThanOrEqual(2);
  });

  test('counts no more once its run has ended: then the result of the worker does', async () => {
    await finishPod(admin, job, pod, 1, '');
    await until('a refusal', async () => (await post(report(99))).status === 403);
    expect(await percentOf()).not.toBe(99);
  });

  test('is refused when there are too many of them', async () => {
    const answers = await Promise.all(Array.from({ length: 15 }, () => post(report(1))));
    expect(answers.map(({ status }) => status)).toContain(429);
  });
});

describe('what is refused', () => {
  test.each([
    ['no token', () => send(report(1), {}), 401],
    ['a token of nobody', () => post(report(1), 'abc'), 401],
    ['a token for another audience', async () => post(report(1), await tokenFor(pod, 'other')), 401],
    ['a token of a person', () => post(report(1), server.adminToken), 401],
    ['something that is not JSON', () => post('{'), 400],
    ['a report without its field', () => post('{"trainerStatus":{"progressPercentage":5}}'), 422],
    ['a percentage beyond 100', () => post(report(101)), 422],
    ['a body that is too large', () => post(report(1, { a: 'x'.repeat(70_000) })), 413],
    ['another method', () => send('', { authorization: `Bearer ${token}` }, 'GET'), 405],
  ])('%s', async (_name, attempt, status) => expect((await attempt()).status).toBe(status));

  test('a pod that works for no run', async () => {
    const { name, ...metadata } = pod.metadata;
    const stray = (await admin.request('POST', pathOf(pods, namespace), {
      body: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: `${name}-stray`, labels: metadata.labels },
        spec: { containers: [{ name: 'a', image: 'a' }] },
      },
    })) as Pod;
    expect((await post(report(77), await tokenFor(stray, progressAudience))).status).toBe(403);
    expect(await percentOf()).not.toBe(77);
  });
});
