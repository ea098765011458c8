import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { parse } from 'yaml';
import { parseCommandLine, readSettings } from '../../src/settings.ts';
import { helm, helmBinary, kubectlBinary } from '../cluster/index.ts';
import { adminTransport } from './install.ts';
import { kubectlAsAdmin } from './kubectl.ts';
import { freshNamespace } from './namespace.ts';
import { chart, only, renderChart } from './rendered-chart.ts';
import type { Rendered } from './rendered-chart.ts';

const minutes = 60_000;
/** until the API server has heard of new rights */
const patience = { timeout: 60_000, interval: 250 };
const admin = adminTransport(inject('apiServer'));
// kinds of the Prometheus operator, which the API server here does not know
const isMonitoring = ({ apiVersion }: Rendered): boolean => apiVersion.startsWith('monitoring.coreos.com/');

/** Every switch on, and a value for whatever is empty by default. */
const everything = [
  'image.tag=v1',
  'trainer.image.repository=registry.example:5000/doctune/trainer',
  'trainer.image.tag=v2',
  'imagePullSecrets={one}',
  'workers.imagePullPolicy=Always',
  'workers.imagePullSecrets={two,three}',
  'workers.networkPolicies=false',
  'workers.gpuResource=amd.com/gpu',
  'workers.allowedNetworks={10.1.0.0/16,fd00::/8}',
  'abTests.routes[0].namespace=docs',
  'abTests.routes[0].name=handbook',
  'abTests.routes[1].namespace=more',
  'abTests.routes[1].name=manual',
  'abTests.prometheusUrl=http://prometheus.monitoring.svc:9090',
  'storage.size=5Gi',
  'storage.storageClassName=fast',
  'storage.accessMode=ReadWriteMany',
  'storage.retain=true',
  'replicas=2',
  'watchNamespaces={docs,more}',
  'concurrency=4',
  'logLevel=debug',
  'serviceAccount.annotations.a=b',
  'podLabels.team=docs',
  'podAnnotations.a=b',
  'priorityClassName=system-cluster-critical',
  'nodeSelector.zone=a',
  'tolerations[0].key=gpu',
  'tolerations[0].operator=Exists',
  'affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight=1',
  'affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.topologyKey=kubernetes.io/hostname',
  'serviceMonitor.enabled=true',
  'prometheusRule.enabled=true',
  'networkPolicy.enabled=true',
  'networkPolicy.metricsFrom[0].namespaceSelector.matchLabels.name=monitoring',
];

interface Deployment extends Rendered {
  spec: { template: { metadata: object; spec: { containers: { args: string[] }[] } } };
}

const podOf = (objects: readonly Rendered[]) => (only(objects, 'Deployment') as Deployment).spec.template;

/** The settings that the operator would run with. */
function settingsOf(objects: readonly Rendered[]) {
  const { args } = podOf(objects).spec.containers[0]!;
  // what stands before the program is for node
  const flags = args.slice(args.indexOf('/opt/doctune/doctune.mjs') + 1);
  return readSettings(parseCommandLine(flags).values, {});
}

/** "resource.group/name", as kubectl has it; the review needs no API of that group on the server. */
async function mayDo(account: string, namespace: string, verb: string, target: string): Promise<boolean> {
  const [type = '', name] = target.split('/');
  const [resource, ...group] = type.split('.');
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: { user: account, resourceAttributes: { namespace, verb, group: group.join('.'), resource, name } },
  };
  const answer = await admin.request('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', { body: review });
  return (answer as { status: { allowed: boolean } }).status.allowed;
}

beforeAll(async () => {
  await helmBinary();
  await kubectlBinary();
}, 15 * minutes);

describe('the values', () => {
  test('pass a strict lint', async () => {
    expect(await helm(['lint', '--strict', chart])).toContain('0 chart(s) failed');
  });

  test.each([
    ['nope=1', 'nope'],
    ['storage.size=10GB', '/storage/size'],
    ['storage.accessMode=ReadOnlyMany', '/storage/accessMode'],
    ['image.repository=doctune/operator:v1', '/image/repository'],
    ['logLevel=loud', '/logLevel'],
    ['replicas=-1', '/replicas'],
  ])('refuse %s by name', async (value, field) => {
    await expect(renderChart('docs', [value])).rejects.toThrow(field);
  });

  test('reach the settings of the operator', async () => {
    expect(settingsOf(await renderChart('system', everything))).toMatchObject({
      namespace: 'system',
      watchNamespaces: ['docs', 'more'],
      leaderElection: true,
      leaseName: 'doctune-operator',
      concurrency: 4,
      progressUrl: 'https://doctune-progress.system.svc:8443',
      certificateSecret: 'doctune-progress-tls',
      operatorImage: 'doctune/operator:v1',
      trainerImage: 'registry.example:5000/doctune/trainer:v2',
      imagePullPolicy: 'Always',
      imagePullSecrets: ['two', 'three'],
      networkPolicies: false,
      gpuResource: 'amd.com/gpu',
      allowedNetworks: ['10.1.0.0/16', 'fd00::/8'],
      abTestRoutes: ['docs/handbook', 'more/manual'],
      prometheusUrl: 'http://prometheus.monitoring.svc:9090',
      storageSize: '5Gi',
      storageClass: 'fast',
      storageAccessMode: 'ReadWriteMany',
      storageRetain: true,
      logLevel: 'debug',
    });
  });

  test('have the defaults of the operator', async () => {
    const settings = settingsOf(await renderChart('system'));
    const { operatorImage, trainerImage } = settings;
    expect(settings).toEqual({
      ...readSettings({ 'operator-image': operatorImage, 'trainer-image': trainerImage }, {}),
      namespace: 'system',
      progressUrl: 'https://doctune-progress.system.svc:8443',
    });
  });

  test('name images of the version of the package by default', async () => {
    const { version } = JSON.parse(await readFile(join(chart, '../../package.json'), 'utf8')) as { version: string };
    const { operatorImage, trainerImage } = settingsOf(await renderChart('system'));
    expect([operatorImage, trainerImage]).toEqual([`doctune/operator:${version}`, `doctune/trainer:${version}`]);
  });
});

describe('the objects', () => {
  test.each([
    ['by default', []],
    ['with every switch on', everything],
  ])('are accepted by a real API server, %s', async (_, values) => {
    const namespace = await freshNamespace(admin, 'chart');
    for (const watched of ['docs', 'more'])
      await kubectlAsAdmin(['create', 'namespace', watched]).catch((error: unknown) => {
        if (!String(error).includes('AlreadyExists')) throw error;
      });
    const objects = (await renderChart(namespace, values)).filter((object) => !isMonitoring(object));
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
    const args = ['apply', '--server-side', '--force-conflicts', '--dry-run=server', '--validate=strict', '-f', '-'];
    const answer = await kubectlAsAdmin(args, list);
    expect(answer.trim().split('\n')).toHaveLength(objects.length);
  });

  test('hold a pod that a restricted namespace admits', async () => {
    const namespace = await freshNamespace(admin, 'chart');
    await kubectlAsAdmin(['label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted']);
    const { metadata, spec } = podOf(await renderChart(namespace));
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...metadata, name: 'operator' },
      spec: { ...spec, serviceAccountName: 'default' },
    };
    const create = ['--namespace', namespace, 'create', '--dry-run=server', '-f', '-'];
    expect(await kubectlAsAdmin(create, JSON.stringify(pod))).toContain('created');
    const privileged = { ...pod, spec: { ...pod.spec, hostNetwork: true } };
    await expect(kubectlAsAdmin(create, JSON.stringify(privileged))).rejects.toThrow('PodSecurity "restricted');
  });

  test('hold the generated definitions, kept at an uninstall unless the values say otherwise', async () => {
    const isDefinition = ({ kind }: Rendered): boolean => kind === 'CustomResourceDefinition';
    const kept = (await renderChart('docs')).filter(isDefinition);
    const loose = (await renderChart('docs', ['crds.keep=false'])).filter(isDefinition);
    expect(kept).toHaveLength(4);
    for (const definition of loose) {
      const file = join(chart, '../../crds', `doctune.dev_${definition.metadata.name.split('.')[0]!}.yaml`);
      expect(definition).toEqual(parse(await readFile(file, 'utf8'), { version: '1.1' }));
    }
    for (const { metadata } of kept) expect(metadata.annotations).toEqual({ 'helm.sh/resource-policy': 'keep' });
    expect((await renderChart('docs', ['crds.install=false'])).filter(isDefinition)).toEqual([]);
  });

  test('hold the dashboards and rules as they are in their files', async () => {
    const objects = await renderChart('docs', everything);
    const { data, metadata } = only(objects, 'ConfigMap') as Rendered & { data: Record<string, string> };
    expect(metadata.labels).toMatchObject({ grafana_dashboard: '1' });
    const dashboard = (name: string): Promise<string> => readFile(join(chart, `dashboards/${name}.json`), 'utf8');
    expect(data).toEqual({
      'doctune-training.json': await dashboard('training'),
      'doctune-datasets.json': await dashboard('datasets'),
      'doctune-evaluations.json': await dashboard('evaluations'),
    });
    const rules = parse(await readFile(join(chart, 'rules/doctune.rules.yaml'), 'utf8')) as unknown;
    expect(only(objects, 'PrometheusRule')['spec']).toEqual(rules);
  });
});

describe('the rights', () => {
  const rbac = ['ServiceAccount', 'ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'];

  async function install(values: readonly string[] = []): Promise<{ own: string; account: string }> {
    const own = await freshNamespace(admin, 'chart');
    const objects = (await renderChart(own, values)).filter(({ kind }) => rbac.includes(kind));
    await kubectlAsAdmin(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
    return { own, account: `system:serviceaccount:${own}:doctune` };
  }

  test('reach the objects and runs of all namespaces, and no Secret but its own', async () => {
    const docs = await freshNamespace(admin, 'docs');
    const { own, account } = await install();
    await expect.poll(() => mayDo(account, docs, 'create', 'jobs.batch'), patience).toBe(true);
    expect(await mayDo(account, docs, 'watch', 'finetunejobs.doctune.dev')).toBe(true);
    expect(await mayDo(account, docs, 'create', 'tokenreviews.authentication.k8s.io')).toBe(true);
    for (const verb of ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'])
      expect(await mayDo(account, docs, verb, 'secrets')).toBe(false);
    expect(await mayDo(account, own, 'get', 'secrets/doctune-progress-tls')).toBe(true);
    expect(await mayDo(account, own, 'get', 'secrets/other')).toBe(false);
    expect(await mayDo(account, own, 'list', 'secrets')).toBe(false);
    expect(await mayDo(account, own, 'update', 'leases.coordination.k8s.io/doctune-operator')).toBe(true);
    expect(await mayDo(account, docs, 'update', 'leases.coordination.k8s.io/doctune-operator')).toBe(false);
  });

  test('[C76] reach the named HTTPRoutes alone, to read and to change', async () => {
    const docs = await freshNamespace(admin, 'docs');
    const { account } = await install([`abTests.routes[0].namespace=${docs}`, 'abTests.routes[0].name=handbook']);
    const route = 'httproutes.gateway.networking.k8s.io';
    await expect.poll(() => mayDo(account, docs, 'patch', `${route}/handbook`), patience).toBe(true);
    expect(await mayDo(account, docs, 'get', `${route}/handbook`)).toBe(true);
    expect(await mayDo(account, docs, 'patch', `${route}/other`)).toBe(false);
    expect(await mayDo(account, docs, 'list', route)).toBe(false);
    expect(await mayDo(account, docs, 'delete', `${route}/handbook`)).toBe(false);
  });

  test('end at the watched namespaces, if there are such', async () => {
    const docs = await freshNamespace(admin, 'docs');
    const other = await freshNamespace(admin, 'other');
    const { account } = await install([`watchNamespaces={${docs}}`]);
    await expect.poll(() => mayDo(account, docs, 'create', 'jobs.batch'), patience).toBe(true);
    expect(await mayDo(account, docs, 'watch', 'finetunejobs.doctune.dev')).toBe(true);
    expect(await mayDo(account, other, 'create', 'jobs.batch')).toBe(false);
    expect(await mayDo(account, other, 'watch', 'finetunejobs.doctune.dev')).toBe(false);
    expect(await mayDo(account, other, 'create', 'tokenreviews.authentication.k8s.io')).toBe(true);
  });
});
