import type { Job, Pod } from '../../controller/kinds.ts';
import { queueLabel } from './run.ts';

/** Fields of the spec that messages about a waiting or failed pod can name. */
export interface Hints {
  /** field with what the pod asks of the cluster; undefined for kinds that have none */
  resources: string | undefined;
  /** what to do about a worker that needs more memory; by `resources` if not given */
  memory?: string;
  /** what of it the scheduler's own message does not name */
  asked?: string;
  /** what to do about a run that takes longer than its Job may */
  deadline: string;
  /** objects of the namespace that the pod mounts, such as `secret "key" (spec.git.secretRef)` */
  mounts: readonly string[];
}

/** Why the pod of a run does no work yet. */
export interface Pending {
  /** CamelCase */
  reason: string;
  message: string;
  /** waits for room in the cluster, and nothing is wrong otherwise */
  isQueued: boolean;
}

/** milliseconds after which a wait that is usually short is worth a word */
const patience = 30_000;

const imageReasons = ['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull'];
const containerReasons = ['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError'];

/** The scheduler lists every node; the start is what people read. */
const shortened = (text: string | undefined): string => (text ?? '').slice(0, 400);

/** Whether this moment is so long ago that who waits since then needs a word; no moment is not. */
export const isPast = (time: string | undefined, now: number): boolean =>
  time !== undefined && now - Date.parse(time) > patience;

function unschedulable(message: string | undefined, { resources, asked, mounts }: Hints): Pending {
  const claims = mounts.filter((mount) => mount.startsWith('claim'));
  if (/persistentvolumeclaim "[^"]+" not found/.test(message ?? '') && claims.length > 0) {
    return {
      reason: 'ClaimNotFound',
      message: `${shortened(message)}: check ${claims.join(' and ')}`,
      isQueued: false,
    };
  }
  const remedy = resources === undefined ? 'free or add a node' : `free or add a node, or lower ${resources}`;
  return {
    reason: 'Unschedulable',
    message: `no node takes the pod: ${shortened(message)}: ${asked === undefined ? '' : `${asked}: `}${remedy}`,
    isQueued: true,
  };
}

function unstarted(reason: string, message: string | undefined): Pending | undefined {
  if (imageReasons.includes(reason)) {
    const remedy = 'check the images of the installation and its pull secrets';
    return {
      reason,
      message: `the image of the worker cannot be pulled: ${shortened(message)}: ${remedy}`,
      isQueued: false,
    };
  }
  if (!containerReasons.includes(reason)) return undefined;
  return { reason, message: `the container of the worker cannot be made: ${shortened(message)}`, isQueued: false };
}

function withoutPod(job: Job, now: number): Pending {
  if (isPast(job.metadata.creationTimestamp, now)) {
    const cause = 'a quota or an admission rule of the namespace may refuse it';
    return {
      reason: 'NoPod',
      message: `job "${job.metadata.name}" has no pod yet: ${cause}: see its events`,
      isQueued: true,
    };
  }
  return { reason: 'PodCreating', message: 'the pod is being created', isQueued: true };
}

/** Held by a queue, or by hand; neither is a failure, and whoever holds it lets it go. */
function suspended({ metadata }: Job): Pending {
  const { name, labels } = metadata;
  const queue = labels?.[queueLabel];
  if (queue === undefined) {
    const remedy = 'set its spec.suspend to false to let it go';
    return { reason: 'JobSuspended', message: `job "${name}" was suspended by somebody: ${remedy}`, isQueued: true };
  }
  const remedy = 'it starts by itself when there is quota; its Workload of Kueue says what is missing';
  return { reason: 'WaitsInQueue', message: `job "${name}" waits in the queue "${queue}": ${remedy}`, isQueued: true };
}

/** Why this pod does no work yet; undefined once its container runs. */
export function pendingReason(job: Job, pod: Pod | undefined, hints: Hints, now: number): Pending | undefined {
  if (job.spec?.suspend === true) return suspended(job);
  if (pod === undefined) return withoutPod(job, now);
  if (pod.status?.phase !== 'Pending') return undefined;
  const scheduled = pod.status.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False') return unschedulable(scheduled.message, hints);
  const waiting = pod.status.containerStatuses?.find(({ name }) => name === 'worker')?.state?.waiting;
  const known = unstarted(waiting?.reason ?? '', waiting?.message);
  if (known !== undefined) return known;
  if (hints.mounts.length > 0 && isPast(scheduled?.lastTransitionTime, now)) {
    // the kubelet tells a missing Secret or ConfigMap only in an event
    const message = `the pod waits for its volumes: check that ${hints.mounts.join(' and ')} exists; it goes on by itself`;
    return { reason: 'VolumesNotReady', message, isQueued: false };
  }
  return { reason: 'PodStarting', message: 'the pod is starting', isQueued: false };
}
