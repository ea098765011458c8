import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { pathOf } from '../../src/controller/paths.ts';
import type { Operator } from '../../src/operator.ts';
import type { Evaluation } from '../../src/api/v1alpha1/index.ts';
import { evaluations } from '../../src/reconcilers/kinds.ts';
import { httpRoutes } from '../../src/reconcilers/shared/http-route.ts';
import type { HttpRoute } from '../../src/reconcilers/shared/http-route.ts';
import { aDigest } from '../builders/objects.ts';
import { adminTransport } from './install.ts';
import { kubectlAsAdmin } from './kubectl.ts';
import { ModelLine } from './model-line.ts';
import { freshNamespace } from './namespace.ts';
import { runningOperator } from './running-operator.ts';
import { until } from './until.ts';

const server = inject('apiServer');
const admin = adminTransport(server);
let namespace: string;
let line: ModelLine;
let operator: Operator;

/** The part of the Gateway API's HTTPRoute that shares traffic, under its own group, version and names. */
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: {
    name: 'httproutes.gateway.networking.k8s.io',
    annotations: { 'api-approved.kubernetes.io': 'unapproved, for a test' },
  },
  spec: {
    group: 'gateway.networking.k8s.io',
    scope: 'Namespaced',
    names: { kind: 'HTTPRoute', listKind: 'HTTPRouteList', plural: 'httproutes', singular: 'httproute' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                properties: {
                  rules: {
                    type: 'array',
                    items: {
                      type: 'object',
                      properties: {
                        backendRefs: {
                          type: 'array',
                          items: {
                            type: 'object',
                            required: ['name'],
                            properties: {
                              name: { type: 'string' },
                              port: { type: 'integer' },
                              weight: { type: 'integer', minimum: 0, maximum: 1_000_000, default: 1 },
                            },
                          },
                        },
                      },
                    },
                  },
                },
              },
            },
          },
        },
      },
    ],
  },
};

/** What requests of a look went like, by backend. The queries are `requests(x)` and `errors(x)`. */
const traffic = { stable: { requests: 100, errors: 0 }, candidate: { requests: 100, errors: 0 } };
const asked: string[] = [];

function prometheus(): Promise<Server> {
  const started = createServer((request, response) => {
    const query = new URL(request.url ?? '', 'http://x').searchParams.get('query') ?? '';
    asked.push(query);
    const [, figure, backend] = /^(requests|errors)\{b="(stable|candidate)"\}\[\d+s\]$/.exec(query) ?? [];
    const value = traffic[backend as keyof typeof traffic][figure as 'requests' | 'errors'];
    const result = [{ metric: {}, value: [0, String(value)] }];
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }));
  });
  return new Promise((resolve) => started.listen(0, '127.0.0.1', () => resolve(started)));
}

const route = async (): Promise<HttpRoute> =>
  (await admin.request('GET', pathOf(httpRoutes, namespace, 'handbook'))) as HttpRoute;
const weights = async () => (await route()).spec?.rules?.[0]?.backendRefs?.map(({ weight }) => weight);

/** As the chart gives them for one route. */
async function giveRights(): Promise<void> {
  const metadata = { name: 'route-handbook', namespace };
  const rules = [
    {
      apiGroups: ['gateway.networking.k8s.io'],
      resources: ['httproutes'],
      resourceNames: ['handbook'],
      verbs: ['get', 'patch'],
    },
  ];
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const subjects = [{ kind: 'User', name: 'operator', apiGroup: 'rbac.authorization.k8s.io' }];
  const roleRef = { kind: 'Role', name: metadata.name, apiGroup: 'rbac.authorization.k8s.io' };
  const items = [
    { apiVersion, kind: 'Role', metadata, rules },
    { apiVersion, kind: 'RoleBinding', metadata, subjects, roleRef },
  ];
  await kubectlAsAdmin(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
}

const abTest = {
  routeRef: { name: 'handbook' },
  stable: 'stable',
  candidate: 'candidate',
  weights: [20, 50],
  startDelay: '1s',
  interval: '1s',
  minSamples: 100,
  queries: { requests: 'requests{b="$backend"}[$range]', errors: 'errors{b="$backend"}[$range]' },
  guardrails: { maxErrorRate: '0.5' },
};

let metrics: Server;

beforeAll(async () => {
  namespace = await freshNamespace(admin, 'traffic');
  metrics = await prometheus();
  await kubectlAsAdmin(['apply', '-f', '-'], JSON.stringify(definition));
  await kubectlAsAdmin(['wait', '--for=condition=Established', `crd/${definition.metadata.name}`]);
  const rules = [
    {
      backendRefs: [
        { name: 'stable', port: 80 },
        { name: 'candidate', port: 80, weight: 0 },
      ],
    },
  ];
  const body = {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'handbook' },
    spec: { rules },
  };
  await admin.request('POST', pathOf(httpRoutes, namespace), { body });
  await giveRights();
  operator = await runningOperator(server, namespace, {
    'ab-test-routes': `${namespace}/handbook`,
    'prometheus-url': `http://127.0.0.1:${(metrics.address() as AddressInfo).port}`,
  });
  line = new ModelLine(admin, namespace);
  await line.create({ abTest });
});
afterAll(async () => {
  await operator.stop();
  metrics.close();
});

describe('[C76] a test under traffic at a real API server', () => {
  test('the first adapter is promoted without one, and Prometheus is not asked', async () => {
    await line.measure('first', 20);
    expect((await line.told()).data?.digest).toBe(aDigest('first'));
    expect((await line.status()).abTest).toBeUndefined();
    expect(asked).toEqual([]);
  });

  test('a better one gets more and more of the traffic, and is promoted', async () => {
    Object.assign(traffic, { stable: { requests: 100, errors: 20 }, candidate: { requests: 60, errors: 1 } });
    await line.measure('second', 20);
    const candidate = await until('the candidate', () => line.told('candidate').catch(() => undefined));
    expect(candidate.data?.digest).toBe(aDigest('second'));
    expect((await line.told()).data?.digest).toBe(aDigest('first'));
    await until('the first weight', async () => (await weights())?.join() === '80,20');
    await until('the promotion', async () => (await line.told()).data?.digest === aDigest('second'));
    await until('the old weights', async () => (await weights())?.join() === '100,0');
    // the status follows what it tells of
    await until('the end', async () => (await line.status()).abTest?.isRouteRestored === true);
    const { history, abTest: ended, promoted } = await line.status();
    expect(history?.[0]).toMatchObject({ abTest: 'Won', promoted: true });
    expect(promoted?.by).toBe('ABTest');
    expect(ended?.candidate.requests).toBeGreaterThanOrEqual(100);
    // nothing else of the route has changed
    expect((await route()).spec?.rules?.[0]?.backendRefs).toEqual([
      { name: 'stable', port: 80, weight: 100 },
      { name: 'candidate', port: 80, weight: 0 },
    ]);
  });

  test('one that breaks a guardrail goes back at once, and nothing is asked any more', async () => {
    Object.assign(traffic, { stable: { requests: 100, errors: 0 }, candidate: { requests: 60, errors: 50 } });
    await line.measure('third', 20);
    await until('the end', async () => (await line.status()).abTest?.state === 'GuardrailBroken');
    await until('a restored route', async () => (await line.status()).abTest?.isRouteRestored === true);
    expect(await weights()).toEqual([100, 0]);
    expect((await line.told()).data?.digest).toBe(aDigest('second'));
    const before = asked.length;
    const note = ['--namespace', namespace, 'annotate', '--overwrite', 'evaluation/handbook'];
    for (let look = 0; look < 10; look++) await kubectlAsAdmin([...note, `note=${look}`]);
    expect(asked.length).toBe(before);
    expect((await line.told()).data?.digest).toBe(aDigest('second'));
  });

  test('a route that the installation does not name is left alone, and the condition says how to name it', async () => {
    const patch = { spec: { abTest: { ...abTest, routeRef: { name: 'other' } } } };
    const to = ['--namespace', namespace, 'patch', 'evaluation/handbook', '--type=merge', '--patch'];
    await kubectlAsAdmin([...to, JSON.stringify(patch)]);
    await line.measure('fourth', 20);
    const told = await until('the condition', async () =>
      (await line.status()).conditions?.find(
        ({ type, reason }) => type === 'ABTestRunning' && reason !== 'TrafficShared',
      ),
    );
    expect(told).toMatchObject({ status: 'Unknown', reason: 'RouteNotAllowed' });
    expect(told.message).toContain('add it to abTests.routes of the chart');
  });

  test('[17] to delete the Evaluation gives the traffic back, and only then it is gone', async () => {
    Object.assign(traffic, { stable: { requests: 10, errors: 1 }, candidate: { requests: 2, errors: 0 } });
    const to = ['--namespace', namespace, 'patch', 'evaluation/handbook', '--type=merge', '--patch'];
    await kubectlAsAdmin([...to, JSON.stringify({ spec: { abTest } })]);
    await line.measure('fifth', 20);
    await until('its weight', async () => (await weights())?.join() === '80,20');
    const read = async () => (await admin.request('GET', pathOf(evaluations, namespace, 'handbook'))) as Evaluation;
    const before = await read();
    expect(before.metadata.finalizers).toEqual(['doctune.dev/traffic']);
    await admin.request('DELETE', pathOf(evaluations, namespace, 'handbook'));
    await until('its end', () =>
      read().then(
        () => false,
        () => true,
      ),
    );
    expect(await weights()).toEqual([100, 0]);
  });
});
