import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportImage } from './exported-image.ts';
import { nodeContainers, sharedOnNode } from './kind.ts';
import { pipe, run, succeeds } from './machine/command.ts';
import { docker } from './machine/docker.ts';
import { step } from './machine/steps.ts';

/**
 * Make an image of the local Docker available to the cluster's pods, unless a node has that reference already.
 * Give it a tag that follows its content and let pods use `imagePullPolicy: IfNotPresent`. For a given cluster
 * the program named by "DOCTUNE_LOAD_IMAGE" is called with the reference instead.
 */
export async function loadImage(reference: string): Promise<void> {
  if (process.env['DOCTUNE_KUBECONFIG'] !== undefined) return loadElsewhere(reference);
  const { env } = await docker();
  for (const node of await nodeContainers()) {
    if (await succeeds('docker', ['exec', node, 'crictl', 'inspecti', reference], { env })) continue;
    await step(`loading ${reference} into node "${node}"`, '10 s a GB', () => loadIntoNode(reference, node, env));
  }
}

async function loadElsewhere(reference: string): Promise<void> {
  const program = process.env['DOCTUNE_LOAD_IMAGE'];
  if (program === undefined)
    throw new Error(`set "DOCTUNE_LOAD_IMAGE" to a program that brings image "${reference}" to the given cluster`);
  await run(program, [reference]);
}

/**
 * Adds blobs of the shared folder to the node's content store, unless they are there. The mark keeps containerd from
 * clearing them away before the image that refers to them is known.
 */
const addBlobs = `set -eu
cd "$1"; shift
for digest do
  ctr -n k8s.io content get "$digest" 2>/dev/null | head -c 1 | grep -q . && continue
  ctr -n k8s.io content ingest --expected-digest "$digest" "load-$digest" <"$(echo "$digest" | tr : /)"
  ctr -n k8s.io content label "$digest" containerd.io/gc.root=loading >/dev/null
done`;

const clearMarks = `for digest do ctr -n k8s.io content label "$digest" containerd.io/gc.root= >/dev/null || :; done`;

const importArchive = [
  'ctr',
  '--namespace',
  'k8s.io',
  'images',
  'import',
  '--digests',
  '--snapshotter',
  'overlayfs',
  '-',
];

/** Only layers that the node lacks are copied, so that a change of code costs what the changed layers cost. */
async function loadIntoNode(reference: string, node: string, env: NodeJS.ProcessEnv): Promise<void> {
  if (!(await succeeds('docker', ['exec', node, 'test', '-d', sharedOnNode], { env }))) {
    // a cluster that kind started without our configuration has no shared folder
    await pipe(['docker', 'save', reference], ['docker', 'exec', '--interactive', node, ...importArchive], { env });
    return;
  }
  const image = await exportImage(reference, env);
  const digests = image.layers.map((layer) => layer.digest);
  const config = (JSON.parse(image.manifest) as { config: { digest: string } }).config.digest;
  const inNode = ['docker', 'exec', '--interactive', node];
  const onNode = (script: string, args: readonly string[]): Promise<string> =>
    run('docker', ['exec', node, 'sh', '-c', script, 'sh', ...args], { env });
  await onNode(addBlobs, [sharedOnNode, config, ...digests]);
  const index = await writeIndex(reference, image.manifest);
  try {
    await pipe(['tar', '--directory', index, '--create', '.'], [...inNode, ...importArchive], { env });
  } finally {
    await rm(index, { recursive: true });
  }
  await onNode(clearMarks, [config, ...digests]);
}

/** The name under which a node looks for what Docker calls `reference`. */
export function fullName(reference: string): string {
  const [first = '', ...rest] = reference.split('/');
  if (rest.length === 0) return `docker.io/library/${reference}`;
  const isRegistry = /[.:]/.test(first) || first === 'localhost';
  return isRegistry ? reference : `docker.io/${reference}`;
}

/** Write an OCI image layout that holds the manifest alone, and give its folder. */
async function writeIndex(reference: string, manifest: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'image-index-'));
  const digest = createHash('sha256').update(manifest).digest('hex');
  await mkdir(join(folder, 'blobs/sha256'), { recursive: true });
  await writeFile(join(folder, 'blobs/sha256', digest), manifest);
  await writeFile(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  const entry = {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: `sha256:${digest}`,
    size: Buffer.byteLength(manifest),
    annotations: { 'io.containerd.image.name': fullName(reference) },
  };
  await writeFile(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [entry] }));
  return folder;
}
