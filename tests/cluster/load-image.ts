import { run, pipe, succeeds } from './machine/command.ts';
import { docker } from './machine/docker.ts';
import { step } from './machine/steps.ts';
import { nodeContainers } from './kind.ts';

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
    await step(`loading ${reference} into node "${node}"`, '15 s a GB', async () => {
      const load = ['ctr', '--namespace', 'k8s.io', 'images', 'import', '--digests', '--snapshotter', 'overlayfs', '-'];
      await pipe(['docker', 'save', reference], ['docker', 'exec', '--interactive', node, ...load], { env });
    });
  }
}

async function loadElsewhere(reference: string): Promise<void> {
  const program = process.env['DOCTUNE_LOAD_IMAGE'];
  if (program === undefined)
    throw new Error(`set "DOCTUNE_LOAD_IMAGE" to a program that brings image "${reference}" to the given cluster`);
  await run(program, [reference]);
}
