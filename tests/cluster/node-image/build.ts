import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { binaries, type BinaryName } from '../binaries.ts';
import { kindVersion, kubernetesVersion, recipes } from '../binaries/recipes.ts';
import { pipe, succeeds } from '../machine/command.ts';
import { docker, removeOlderImages } from '../machine/docker.ts';
import { exclusively } from '../machine/lock.ts';
import { inCache } from '../machine/paths.ts';
import { step } from '../machine/steps.ts';
import { kubeadmImages, writeClusterImages } from './cluster-images.ts';
import { preloadImages } from './preload.ts';
import { makeNodeRoot } from './root.ts';

const parts: readonly BinaryName[] = [
  'kubeadm',
  'kubelet',
  'kubectl',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kube-proxy',
  'etcd',
  'coredns',
  'local-path-provisioner',
  'pause',
];

/** Make the node image unless Docker has it, and give its reference, whose tag changes with all that goes into it. */
export async function localNodeImage(): Promise<string> {
  const { env } = await docker();
  const reference = `doctune-node/kubernetes:${kubernetesVersion}-${await inputsTag()}`;
  await exclusively('node-image', async () => {
    if (await succeeds('docker', ['image', 'inspect', reference], { env })) return;
    await binaries(parts);
    await step(`making the node image ${reference}`, '2 min', () => makeNodeImage(reference, env));
    await removeOlderImages('doctune-node/kubernetes', env);
  });
  return reference;
}

/** Hash of our code and files for the node, of kind's version and of those of what is built for it. */
async function inputsTag(): Promise<string> {
  const built = recipes.filter(({ packages }) => parts.some((name) => name in packages));
  const versions = [kindVersion, ...built.map(({ module, version }) => [module, version])];
  const hash = createHash('sha256').update(JSON.stringify(versions));
  const entries = await readdir(import.meta.dirname, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
  for (const file of files.toSorted()) hash.update(basename(file)).update(await readFile(file));
  return hash.digest('hex').slice(0, 12);
}

async function makeNodeImage(reference: string, env: NodeJS.ProcessEnv): Promise<void> {
  await mkdir(inCache('builds'), { recursive: true });
  const work = await mkdtemp(inCache('builds', 'node-'));
  try {
    const root = join(work, 'root');
    const { kubeadm } = await binaries(['kubeadm']);
    const images = await kubeadmImages(kubeadm, kubernetesVersion);
    const pause = images.find((image) => image.includes('/pause:'));
    if (pause === undefined) throw new Error('kubeadm names no "pause" image');
    await makeNodeRoot(root, pause, inCache('builds', 'node-image.log'));
    await mkdir(join(work, 'images'));
    await preloadImages(root, work, await writeClusterImages(root, join(work, 'images'), images));
    const settings = ['ENV container=docker', 'ENTRYPOINT ["/usr/local/bin/entrypoint","/sbin/init"]'];
    const changes = settings.flatMap((setting) => ['--change', setting]);
    const archive = ['tar', '--directory', root, '--numeric-owner', '--create', '.'];
    await pipe(archive, ['docker', 'import', ...changes, '-', reference], { env });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
