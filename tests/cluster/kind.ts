import { mkdir, rm } from 'node:fs/promises';
import { sharedFolder } from './exported-image.ts';
import { run, succeeds } from './machine/command.ts';
import { docker } from './machine/docker.ts';
import type { Docker } from './machine/docker.ts';
import { step } from './machine/steps.ts';
import { localNodeImage } from './node-image/build.ts';
import { kindBinary, kubeconfigPath } from './tools.ts';

export const clusterName = 'doctune';

/** kind's own node image of the same minor version, for a Docker that reaches its registry. */
const publicNodeImage = 'kindest/node:v1.34.0';

/** Where nodes see the folder with exported images. */
export const sharedOnNode = '/doctune-images';

const config = (): string => `kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
nodes:
  - role: control-plane
    extraMounts:
      - hostPath: ${JSON.stringify(sharedFolder())}
        containerPath: ${sharedOnNode}
        readOnly: true
`;

async function kind(args: readonly string[], input?: string): Promise<string> {
  const { env } = await docker();
  return run(await kindBinary(), args, { env: { ...env, KIND_EXPERIMENTAL_PROVIDER: 'docker' }, input });
}

async function nodeImage({ env, isPrivate }: Docker): Promise<string> {
  if (isPrivate) return localNodeImage();
  if (await succeeds('docker', ['image', 'inspect', publicNodeImage], { env })) return publicNodeImage;
  const isPulled = await step(`pulling ${publicNodeImage}`, '1 min', () =>
    succeeds('docker', ['pull', publicNodeImage], { env }),
  );
  return isPulled ? publicNodeImage : localNodeImage();
}

/** Create the cluster from scratch and write its kubeconfig. An older or half-made one is deleted first. */
export async function createCluster(): Promise<void> {
  const image = await nodeImage(await docker());
  await deleteCluster();
  await mkdir(sharedFolder(), { recursive: true });
  await step('starting the cluster', '20 s', async () => {
    const names = ['--name', clusterName, '--kubeconfig', kubeconfigPath()];
    await kind(['create', 'cluster', ...names, '--image', image, '--wait', '90s', '--config', '-'], config());
  });
}

/** Write the kubeconfig of a cluster that runs already, perhaps made from another checkout. */
export async function exportKubeconfig(): Promise<boolean> {
  const clusters = (await kind(['get', 'clusters'])).split('\n');
  if (!clusters.includes(clusterName)) return false;
  return kind(['export', 'kubeconfig', '--name', clusterName, '--kubeconfig', kubeconfigPath()]).then(
    () => true,
    () => false,
  );
}

/** Delete the cluster's containers, its network unless others use it, and the kubeconfig. */
export async function deleteCluster(): Promise<void> {
  await kind(['delete', 'cluster', '--name', clusterName, '--kubeconfig', kubeconfigPath()]);
  await rm(kubeconfigPath(), { force: true });
}

/** Delete the network that kind leaves behind; Docker refuses while a container of another cluster is on it. */
export async function deleteNetwork(): Promise<void> {
  const { env } = await docker();
  await succeeds('docker', ['network', 'rm', 'kind'], { env });
}

/** Containers that are the cluster's nodes. */
export async function nodeContainers(): Promise<string[]> {
  return (await kind(['get', 'nodes', '--name', clusterName])).split('\n').filter((name) => name !== '');
}

/** Address at which pods reach servers of this machine. */
export async function machineAddress(): Promise<string> {
  const { env } = await docker();
  const [node = ''] = await nodeContainers();
  const format = '{{range .NetworkSettings.Networks}}{{.Gateway}}{{end}}';
  return (await run('docker', ['container', 'inspect', '--format', format, node], { env })).trim();
}
