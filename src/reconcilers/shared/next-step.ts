import type { Run } from '../../api/v1alpha1/index.ts';
import type { Success, WorkerName } from '../../contract/result.ts';
import type { Job } from '../../controller/kinds.ts';
import { jobState } from './job-state.ts';
import type { FailedRun } from './job-state.ts';
import type { ObservedJob } from './observed-job.ts';
import type { Hints, Pending } from './pending.ts';
import { isSameAttempt, runOf, startedRun } from './run.ts';
import type { DesiredRun } from './run.ts';

/** What to do for the run that is wanted, given the Jobs that are there. */
export type Step<W extends WorkerName> =
  /** the result is there already */
  | { step: 'keep' }
  /** there is no Job: make one */
  | { step: 'start'; run: Run }
  /** these Jobs are in the way */
  | { step: 'clear'; jobs: readonly Job[] }
  | { step: 'wait'; job: Job }
  | { step: 'pending'; run: Run; job: Job; pending: Pending }
  | { step: 'running'; run: Run; job: Job; since: string | undefined; setback: string | undefined }
  | { step: 'succeeded'; run: Run; result: Success<W>; job: Job }
  /** `isNew`: the failure is not recorded in the status yet */
  | { step: 'failed'; run: Run; job: Job | undefined; isNew: boolean };

export interface Situation<W extends WorkerName> {
  worker: W;
  /** undefined while its inputs are not there: a run under way then goes on */
  desired: DesiredRun | undefined;
  /** the latest run as the status has it */
  recorded: Run | undefined;
  /** name of the run whose result is published */
  published: string | undefined;
  jobs: readonly ObservedJob[];
  /** let a run for other inputs come to its end */
  isFinishedFirst: boolean;
  hints: Hints;
  /** milliseconds */
  now: number;
}

const failedRun = (run: Run, { reason, message, exitCode, completionTime }: FailedRun): Run => ({
  ...run,
  state: 'Failed',
  completionTime,
  reason,
  message: message.slice(0, 1024),
  ...(exitCode === undefined ? {} : { exitCode }),
});

const isOver = ({ state }: Run): boolean => state !== 'Running';

/** The record of a Job's run: what the status knows of it if it speaks of the same attempt. */
function recordOf({ job }: ObservedJob, recorded: Run | undefined): Run {
  const told = runOf(job);
  return recorded !== undefined && isSameAttempt(recorded, told) && isOver(recorded) ? recorded : told;
}

function isChanged(run: Run, desired: DesiredRun | undefined): boolean {
  if (desired === undefined || desired.name !== run.name) return false;
  return desired.generation !== run.generation || desired.requestedAt !== run.requestedAt;
}

function follow<W extends WorkerName>(situation: Situation<W>, observed: ObservedJob): Step<W> {
  const { worker, desired, hints, now } = situation;
  const run = recordOf(observed, situation.recorded);
  const { job } = observed;
  if (job.metadata.deletionTimestamp !== undefined) return { step: 'wait', job };
  if (run.state === 'Failed') {
    return isChanged(run, desired) ? { step: 'clear', jobs: [job] } : { step: 'failed', run, job, isNew: false };
  }
  const found = jobState(worker, observed, hints, now);
  switch (found.state) {
    case 'pending':
      // nothing is lost with a pod that never ran, and the change may be what it waits for
      return isChanged(run, desired)
        ? { step: 'clear', jobs: [job] }
        : { step: 'pending', run, job, pending: found.pending };
    case 'running':
      return { step: 'running', run, job, since: found.since, setback: found.setback };
    case 'succeeded':
      return {
        step: 'succeeded',
        run: { ...run, state: 'Succeeded', completionTime: found.completionTime },
        result: found.result,
        job,
      };
    case 'failed':
      return { step: 'failed', run: failedRun(run, found), job, isNew: true };
    case 'lost':
      // its artifact is in the store, so the same run again finds its work done
      return { step: 'clear', jobs: [job] };
    case 'stopping':
      return { step: 'wait', job };
  }
}

/** The Job of another run that is still under way, or has ended unseen. */
function otherLive({ desired, recorded, published, jobs }: Situation<WorkerName>): ObservedJob | undefined {
  return jobs.find((observed) => {
    const { name } = observed.job.metadata;
    return name !== desired?.name && name !== published && !isOver(recordOf(observed, recorded));
  });
}

function withoutJob<W extends WorkerName>(desired: DesiredRun, { recorded }: Situation<W>): Step<W> {
  const isRecordedFailure = recorded?.name === desired.name && recorded.state === 'Failed';
  if (isRecordedFailure && !isChanged(recorded, desired))
    return { step: 'failed', run: recorded, job: undefined, isNew: false };
  return { step: 'start', run: startedRun(desired) };
}

/** Pure: the same situation always gives the same step. */
export function nextStep<W extends WorkerName>(situation: Situation<W>): Step<W> | undefined {
  const { desired, published, jobs, isFinishedFirst } = situation;
  const isPublished = desired !== undefined && desired.name === published;
  const other = otherLive(situation);
  if (other !== undefined) {
    if (other.job.metadata.deletionTimestamp !== undefined) return { step: 'wait', job: other.job };
    if (desired === undefined || (isFinishedFirst && !isPublished)) return follow(situation, other);
    return { step: 'clear', jobs: [other.job] };
  }
  if (isPublished) return { step: 'keep' };
  if (desired === undefined) return undefined;
  const own = jobs.find(({ job }) => job.metadata.name === desired.name);
  return own === undefined ? withoutJob(desired, situation) : follow(situation, own);
}

/** Jobs that nobody needs any more: all but that of the latest run. */
export const staleJobs = (jobs: readonly ObservedJob[], latest: string | undefined): Job[] =>
  jobs
    .map(({ job }) => job)
    .filter(({ metadata }) => metadata.name !== latest && metadata.deletionTimestamp === undefined);

const hasEnded = ({ status }: Job): boolean =>
  status?.conditions?.some(
    ({ type, status: holds }) => (type === 'Complete' || type === 'Failed') && holds === 'True',
  ) ?? false;

/** Jobs whose pods are at work, or will be. */
export const liveJobs = (jobs: readonly ObservedJob[]): Job[] =>
  jobs.map(({ job }) => job).filter((job) => job.metadata.deletionTimestamp === undefined && !hasEnded(job));
