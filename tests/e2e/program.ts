import { build } from 'esbuild';
import { kubectl } from '../cluster/index.ts';

const security = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } };

export interface Program {
  namespace: string;
  /** with node in it */
  image: string;
  /** of Deployment, Service and ConfigMap */
  name: string;
  /** path of its first module */
  entry: string;
  /** the program runs once for each, which answers `GET /healthz` at its port */
  containers: readonly { name: string; port: number; env?: Readonly<Record<string, string>> }[];
  /** ConfigMaps by the folder that each is mounted at */
  files?: Readonly<Record<string, string>>;
}

async function bundled(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    logLevel: 'warning',
  });
  return outputFiles[0]?.text ?? '';
}

/** Run a test program in the cluster and wait until it answers, as `http://<name>:<port>` within the namespace. */
export async function startProgram({ namespace, image, name, entry, containers, files = {} }: Program): Promise<void> {
  const labels = { app: name };
  const mounts = Object.entries(files).map(([mountPath], index) => ({ name: `files-${index}`, mountPath }));
  const volumes = Object.values(files).map((configMap, index) => ({
    name: `files-${index}`,
    configMap: { name: configMap },
  }));
  const pod = {
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 1,
    securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
    containers: containers.map(({ name: container, port, env = {} }) => ({
      name: container,
      image,
      imagePullPolicy: 'IfNotPresent',
      command: ['node', '/program/program.mjs'],
      env: Object.entries({ PORT: String(port), ...env }).map(([key, value]) => ({ name: key, value })),
      ports: [{ containerPort: port }],
      readinessProbe: { httpGet: { path: '/healthz', port }, periodSeconds: 1, timeoutSeconds: 10 },
      // without a request it would get next to nothing of a node that is busy
      resources: { requests: { cpu: '20m', memory: '64Mi' } },
      securityContext: security,
      volumeMounts: [{ name: 'program', mountPath: '/program' }, ...mounts],
    })),
    volumes: [{ name: 'program', configMap: { name } }, ...volumes],
  };
  const ports = containers.map(({ port }, index) => ({ name: `p${index}`, port }));
  // one slow container must not take the others away
  const serviceSpec = { selector: labels, ports, publishNotReadyAddresses: true };
  const objects = [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name },
      data: { 'program.mjs': await bundled(entry) },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, labels },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod } },
    },
    { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: serviceSpec },
  ];
  const inNamespace = ['--namespace', namespace];
  // a bundle may be larger than the annotation of a client-side apply
  const apply = [...inNamespace, 'apply', '--server-side', '--filename', '-'];
  for (const object of objects) await kubectl(apply, { input: JSON.stringify(object) });
  await kubectl([...inNamespace, 'rollout', 'status', `deployment/${name}`, '--timeout=120s']);
}
