import { exitCode, meaningOf, preemptedExitCodes } from '../../contract/exit-codes.ts';
import { parseResult } from '../../contract/result.ts';
import type { Failure, Success, WorkerName } from '../../contract/result.ts';
import type { Job, Pod } from '../../controller/kinds.ts';
import { figureOf } from './figures.ts';
import type { ObservedJob } from './observed-job.ts';
import { isPast, pendingReason } from './pending.ts';
import type { Hints, Pending } from './pending.ts';

export interface FailedRun {
  state: 'failed';
  /** CamelCase */
  reason: string;
  message: string;
  /** undefined when the pod never ran, or its node was lost */
  exitCode: number | undefined;
  completionTime: string;
}

export type JobState<W extends WorkerName> =
  | { state: 'pending'; pending: Pending }
  /** `since`: when the youngest of its containers began; `setback`: why the attempt before this one failed */
  | { state: 'running'; since: string | undefined; setback: string | undefined }
  | { state: 'succeeded'; result: Success<W>; completionTime: string }
  | FailedRun
  /** done, but the pod that held the result is gone */
  | { state: 'lost' }
  | { state: 'stopping' };

interface Ending {
  exitCode: number;
  reason: string | undefined;
  message: string | undefined;
}

function endingOf(pod: Pod): Ending | undefined {
  const ended = pod.status?.containerStatuses?.find(({ name }) => name === 'worker')?.state?.terminated;
  return ended && { exitCode: ended.exitCode, reason: ended.reason, message: ended.message };
}

const startOf = (pod: Pod): string | undefined =>
  pod.status?.containerStatuses?.find(({ name }) => name === 'worker')?.state?.running?.startedAt;

const conditionOf = ({ status }: Job, type: string) =>
  status?.conditions?.find((condition) => condition.type === type && condition.status === 'True');

const sigkill = 137;

/** The controller of Kubernetes itself, in `Job.spec.managedBy`. */
const jobController = 'kubernetes.io/job-controller';

/** What to say of a container that ended without a word. */
function silentFailure(
  { exitCode: code, reason }: Ending,
  { resources, memory }: Hints,
): Pick<FailedRun, 'reason' | 'message'> {
  if (reason === 'OOMKilled' || code === exitCode('hostOutOfMemory')) {
    const usual = resources === undefined ? 'use smaller documents or a smaller chunk' : `raise ${resources}.memory`;
    return { reason: 'OutOfMemory', message: `the worker needed more memory than its limit: ${memory ?? usual}` };
  }
  if (code === sigkill) {
    return {
      reason: 'Killed',
      message: 'the worker was killed from outside, perhaps because its node ran out of memory',
    };
  }
  const known = meaningOf(code);
  return {
    reason: known?.reason ?? 'WorkerFailed',
    message: `the worker ended with exit code ${code}${known === undefined ? '' : ` (${known.meaning})`} and left no message: see its log`,
  };
}

const mostCharacters = 1024;

/** What a worker said, with what its run leaves all the same. */
function messageOf({ message, lastCheckpoint, best }: Partial<Failure> & Pick<Failure, 'message'>): string {
  const saved = lastCheckpoint === undefined ? '' : `; checkpoint "${lastCheckpoint}" is saved`;
  const seen = best === undefined ? '' : `; the best look was after step ${best.step}, loss ${figureOf(best.loss)}`;
  const left = saved + seen;
  return message.slice(0, mostCharacters - left.length) + left;
}

/** Why a pod failed, in the words of its worker if it left any. */
function failureOf(worker: WorkerName, pod: Pod, hints: Hints): Omit<FailedRun, 'state' | 'completionTime'> {
  const ending = endingOf(pod);
  if (ending === undefined) {
    const message = pod.status?.message ?? 'its node was lost or it was evicted before it could say why';
    return { reason: pod.status?.reason ?? 'PodFailed', message, exitCode: undefined };
  }
  const result = parseResult(worker, ending.message ?? '');
  const said = result !== undefined && !('summary' in result) ? result : silentFailure(ending, hints);
  return { reason: said.reason, message: messageOf(said), exitCode: ending.exitCode };
}

const hasFailed = (pod: Pod): boolean => pod.status?.phase === 'Failed';

/** The last pod that failed by itself; of several that fall together, the others only fell with it. */
function culprit(pods: readonly Pod[]): Pod | undefined {
  const failed = pods.filter(hasFailed);
  const fellWithIt = (pod: Pod): boolean => preemptedExitCodes.includes(endingOf(pod)?.exitCode ?? 0);
  return failed.filter((pod) => !fellWithIt(pod)).at(-1) ?? failed.at(-1);
}

/** Pods are watched on another connection than Jobs: what they say can come later than the end of their Job. */
const unheard: Pending = {
  reason: 'ResultAwaited',
  message: 'the job has ended, and what its pod said of it is awaited',
  isQueued: false,
};

function failedState(
  worker: WorkerName,
  { job, pods }: ObservedJob,
  hints: Hints,
  now: number,
): FailedRun | { state: 'pending'; pending: Pending } {
  const condition = conditionOf(job, 'Failed');
  const completionTime = condition?.lastTransitionTime ?? job.metadata.creationTimestamp ?? '';
  if (condition?.reason === 'DeadlineExceeded') {
    const message = `the run took too long: ${hints.deadline}`;
    return { state: 'failed', reason: 'DeadlineExceeded', message, exitCode: undefined, completionTime };
  }
  const last = culprit(pods);
  if (last !== undefined) return { state: 'failed', ...failureOf(worker, last, hints), completionTime };
  if (!isPast(completionTime, now)) return { state: 'pending', pending: unheard };
  const message = condition?.message ?? 'the job failed and none of its pods is left to say why';
  return { state: 'failed', reason: condition?.reason ?? 'JobFailed', message, exitCode: undefined, completionTime };
}

function completeState<W extends WorkerName>(worker: W, { job, pods }: ObservedJob, now: number): JobState<W> {
  const completionTime =
    job.status?.completionTime ??
    conditionOf(job, 'Complete')?.lastTransitionTime ??
    job.metadata.creationTimestamp ??
    '';
  const done = pods.filter((pod) => endingOf(pod)?.exitCode === 0).at(-1);
  if (done !== undefined) {
    const result = parseResult(worker, endingOf(done)?.message ?? '');
    if (result !== undefined && 'summary' in result) return { state: 'succeeded', result, completionTime };
    const message =
      'the worker succeeded but its result is not readable: are operator and worker images of one version';
    return { state: 'failed', reason: 'ResultUnreadable', message, exitCode: 0, completionTime };
  }
  const { managedBy } = job.spec ?? {};
  if (pods.length === 0 && managedBy !== undefined && managedBy !== jobController) {
    const message = `the job was run by "${managedBy}" and its pods are not in this cluster, so its result cannot be read: leave spec.managedBy out`;
    return { state: 'failed', reason: 'ResultElsewhere', message, exitCode: undefined, completionTime };
  }
  return isPast(completionTime, now) ? { state: 'lost' } : { state: 'pending', pending: unheard };
}

/** What a Job and its pods say of their run. Pure. `now` in milliseconds tells how long they have been waiting. */
export function jobState<W extends WorkerName>(
  worker: W,
  observed: ObservedJob,
  hints: Hints,
  now: number,
): JobState<W> {
  const { job, pods } = observed;
  if (job.metadata.deletionTimestamp !== undefined) return { state: 'stopping' };
  if (conditionOf(job, 'Complete')) return completeState(worker, observed, now);
  if (conditionOf(job, 'Failed')) return failedState(worker, observed, hints, now);
  const current = pods.filter((pod) => !hasFailed(pod));
  // of several pods all must run before any of them can work
  const waits = (current.length === 0 ? [undefined] : current).map((pod) => pendingReason(job, pod, hints, now));
  const pending = waits.find((wait) => wait !== undefined);
  if (pending !== undefined) return { state: 'pending', pending };
  const before = culprit(pods);
  const since = current.map(startOf).filter((time) => time !== undefined);
  return {
    state: 'running',
    since: since.sort().at(-1),
    setback: before && failureOf(worker, before, hints).message,
  };
}
