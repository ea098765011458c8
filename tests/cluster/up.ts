import { mkdir } from 'node:fs/promises';
import { binaries } from './binaries.ts';
import { addFakeGpus } from './gpus.ts';
import { createCluster, exportKubeconfig } from './kind.ts';
import { docker } from './machine/docker.ts';
import { recordMachine } from './machine/footprint.ts';
import { exclusively } from './machine/lock.ts';
import { exists, stateFolder } from './machine/paths.ts';
import { step } from './machine/steps.ts';
import { kubeconfigPath, kubectl } from './tools.ts';

/** Milliseconds in which a healthy API server answers, even on a busy machine. */
const answerTime = 10_000;

/**
 * Start the test cluster, or find it running, and give the path of its kubeconfig. A cluster named by
 * "DOCTUNE_KUBECONFIG" is only asked whether it answers.
 */
export async function clusterUp(): Promise<string> {
  if (process.env['DOCTUNE_KUBECONFIG'] !== undefined) {
    await kubectl(['get', '--raw', '/readyz'], { timeout: answerTime });
    return kubeconfigPath();
  }
  await exclusively('cluster', async () => {
    if (!(await isHealthy())) await start();
    await addFakeGpus();
  });
  return kubeconfigPath();
}

async function isHealthy(): Promise<boolean> {
  if (!(await exists(kubeconfigPath()))) return false;
  return kubectl(['get', '--raw', '/readyz'], { timeout: answerTime }).then(
    () => true,
    () => false,
  );
}

async function start(): Promise<void> {
  await mkdir(stateFolder, { recursive: true });
  const { isPrivate } = await docker();
  await recordMachine();
  if (isPrivate) await binaries(['kind', 'kubectl', 'helm']);
  if ((await exportKubeconfig()) && (await isHealthy())) return;
  await createCluster();
  await step('waiting for DNS and storage', '10 s', async () => {
    for (const [namespace, name] of [
      ['kube-system', 'coredns'],
      ['local-path-storage', 'local-path-provisioner'],
    ] as const)
      await kubectl(['rollout', 'status', '--namespace', namespace, `deployment/${name}`, '--timeout=120s']);
  });
}

if (import.meta.main) {
  await clusterUp();
  console.log(`the cluster is up: export KUBECONFIG=${kubeconfigPath()}`);
}
