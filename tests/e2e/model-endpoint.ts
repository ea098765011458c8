import { join } from 'node:path';
import { kubectl } from '../cluster/index.ts';
import type { Fault } from '../model-endpoint/index.ts';

const program = join(import.meta.dirname, '../model-endpoint/index.ts');
const security = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } };

const container = (image: string, fault: Fault, port: number): object => ({
  name: fault,
  image,
  imagePullPolicy: 'IfNotPresent',
  command: ['node', '/program/endpoint.mts'],
  env: Object.entries({ PORT: String(port), FAULT: fault }).map(([name, value]) => ({ name, value })),
  ports: [{ containerPort: port }],
  readinessProbe: { httpGet: { path: '/healthz', port }, periodSeconds: 1 },
  securityContext: security,
  volumeMounts: [{ name: 'program', mountPath: '/program' }],
});

const firstPort = 8000;

/** One scripted model endpoint for each fault, in a pod of the namespace; gives the base URL of each. */
export async function startEndpoints<F extends Fault>(
  namespace: string,
  image: string,
  faults: readonly F[],
): Promise<Record<F, string>> {
  const create = [
    'create',
    'configmap',
    'model-endpoint',
    `--from-file=endpoint.mts=${program}`,
    '--dry-run=client',
    '-o',
    'yaml',
  ];
  const labels = { app: 'model-endpoint' };
  const pod = {
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 1,
    securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
    containers: faults.map((fault, index) => container(image, fault, firstPort + index)),
    volumes: [{ name: 'program', configMap: { name: 'model-endpoint' } }],
  };
  const ports = faults.map((_, index) => ({ name: `p${index}`, port: firstPort + index }));
  const objects = [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'model-endpoint', labels },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod } },
    },
    { apiVersion: 'v1', kind: 'Service', metadata: { name: 'model-endpoint' }, spec: { selector: labels, ports } },
  ];
  const inNamespace = ['--namespace', namespace];
  await kubectl([...inNamespace, 'apply', '-f', '-'], { input: await kubectl(create) });
  for (const object of objects) await kubectl([...inNamespace, 'apply', '-f', '-'], { input: JSON.stringify(object) });
  await kubectl([...inNamespace, 'rollout', 'status', 'deployment/model-endpoint', '--timeout=120s']);
  const urls = faults.map((fault, index) => [fault, `http://model-endpoint:${firstPort + index}/v1`]);
  return Object.fromEntries(urls) as Record<F, string>;
}
