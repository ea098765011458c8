import type { Job, Pod } from '../../src/controller/kinds.ts';
import { jobs, pods } from '../../src/controller/kinds.ts';
import { pathOf } from '../../src/controller/paths.ts';
import type { Transport } from '../../src/controller/transport.ts';

const merge = (body: unknown) => ({ body, contentType: 'application/merge-patch+json' });

/** What a job controller and a kubelet would write, as none runs beside a bare API server. */
export async function startPod(admin: Transport, job: Job): Promise<Pod> {
  const pod = await createPod(admin, job);
  await startJob(admin, job);
  await patchPod(admin, pod, { phase: 'Running', startTime: new Date().toISOString() });
  return pod;
}

export async function createPod(admin: Transport, job: Job): Promise<Pod> {
  const { namespace, name, uid } = job.metadata;
  const { template } = job.spec!;
  const body = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...template.metadata,
      name: `${name}-x`,
      ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name, uid, controller: true, blockOwnerDeletion: true }],
    },
    spec: template.spec,
  };
  return (await admin.request('POST', pathOf(pods, namespace), { body })) as Pod;
}

export const startJob = (admin: Transport, job: Job): Promise<unknown> =>
  patchJob(admin, job, { startTime: new Date().toISOString(), active: 1 });

const patchJob = (admin: Transport, { metadata }: Job, status: unknown): Promise<unknown> =>
  admin.request('PATCH', `${pathOf(jobs, metadata.namespace, metadata.name)}/status`, merge({ status }));

const patchPod = (admin: Transport, { metadata }: Pod, status: unknown): Promise<unknown> =>
  admin.request('PATCH', `${pathOf(pods, metadata.namespace, metadata.name)}/status`, merge({ status }));

/** End the pod and its Job with this termination message. */
export async function finishPod(
  admin: Transport,
  job: Job,
  pod: Pod,
  exitCode: number,
  message: string,
): Promise<void> {
  await endPod(admin, pod, exitCode, message);
  await endJob(admin, job, exitCode);
}

export async function endPod(admin: Transport, pod: Pod, exitCode: number, message: string): Promise<void> {
  const now = new Date().toISOString();
  const terminated = {
    exitCode,
    message,
    reason: exitCode === 0 ? 'Completed' : 'Error',
    startedAt: now,
    finishedAt: now,
  };
  const container = { name: 'worker', image: 'x', imageID: 'x', ready: false, restartCount: 0, state: { terminated } };
  await patchPod(admin, pod, { phase: exitCode === 0 ? 'Succeeded' : 'Failed', containerStatuses: [container] });
}

export async function endJob(admin: Transport, job: Job, exitCode: number): Promise<void> {
  const now = new Date().toISOString();
  const hasSucceeded = exitCode === 0;
  const condition = (type: string) => ({
    type,
    status: 'True',
    lastTransitionTime: now,
    lastProbeTime: now,
    reason: 'Test',
  });
  const status = hasSucceeded
    ? {
        active: 0,
        succeeded: 1,
        completionTime: now,
        conditions: [condition('SuccessCriteriaMet'), condition('Complete')],
      }
    : { active: 0, failed: 1, conditions: [condition('FailureTarget'), condition('Failed')] };
  await patchJob(admin, job, status);
}
