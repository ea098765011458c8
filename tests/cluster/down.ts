import { rm } from 'node:fs/promises';
import { sharedFolder } from './exported-image.ts';
import { deleteCluster, deleteNetwork } from './kind.ts';
import { docker, hasPrivateDocker, purgePrivateDocker, stopPrivateDocker } from './machine/docker.ts';
import { isMachineChanged, restoreMachine } from './machine/footprint.ts';
import { exclusively } from './machine/lock.ts';
import { stateFolder } from './machine/paths.ts';
import { step } from './machine/steps.ts';

/**
 * Delete the cluster and leave the machine as it was: containers, daemons that we started, mounts, network links,
 * packet filter rules, kernel settings. Works after a killed start, too. Images and binaries stay in the cache;
 * with `purge` the private Docker's images go as well. A given cluster ("DOCTUNE_KUBECONFIG") is left alone.
 */
export async function clusterDown({ purge = false } = {}): Promise<void> {
  if (process.env['DOCTUNE_KUBECONFIG'] !== undefined) return;
  await exclusively('cluster', async () => {
    if ((await isMachineChanged()) || (await hasPrivateDocker()))
      await step('taking the cluster down', '5 s', takeDown);
    if (purge) {
      await purgePrivateDocker();
      await rm(sharedFolder(), { recursive: true, force: true });
    }
    await rm(stateFolder, { recursive: true, force: true });
  });
}

async function takeDown(): Promise<void> {
  // a daemon that was killed is started once more: only it can delete what it knows of the node and its volumes
  const { isPrivate } = await docker();
  await deleteCluster();
  await deleteNetwork();
  if (isPrivate) await stopPrivateDocker();
  await restoreMachine(isPrivate);
}

if (import.meta.main) await clusterDown({ purge: process.argv.includes('--purge') });
