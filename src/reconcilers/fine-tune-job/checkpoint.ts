import type { FineTuneJob, FineTuneJobStatus } from '../../api/v1alpha1/index.ts';
import type { Job } from '../../controller/kinds.ts';
import { apply } from '../../controller/plan.ts';
import type { Action, PlannedCondition } from '../../controller/plan.ts';
import { runAnnotations } from '../shared/run.ts';
import { yes } from '../shared/waiting.ts';

type Checkpoint = NonNullable<FineTuneJobStatus['checkpoint']>;

const leastGraceSeconds = 120;
/** a pod that takes an hour to end would hold its node against every drain */
const mostGraceSeconds = 3600;
/** the step under way has to end first, and a busy store is slower than it was */
const saveTimes = 3;

/**
 * Seconds between SIGTERM and SIGKILL for the pods of the next Job: enough to save, as measured by the saves before, also
 * those of an earlier run. The template of a Job is fixed, so a pod that takes the place of another has those of its Job.
 */
export function graceSeconds({ status }: FineTuneJob): number {
  const { seconds } = status?.checkpoint ?? {};
  if (seconds === undefined) return status?.graceSeconds ?? leastGraceSeconds;
  return Math.min(mostGraceSeconds, Math.max(leastGraceSeconds, Math.ceil(saveTimes * Number(seconds))));
}

/** The checkpoint of a run, as its own reports told it. */
function checkpointOf({ status }: FineTuneJob, run: string): Checkpoint | undefined {
  return status?.trainerStatus?.run === run ? status.checkpoint : undefined;
}

/** Schedulers that must choose what to preempt see in this manager's annotations what would be lost. */
const fieldManager = 'doctune-checkpoint';

/**
 * Tell the Job of its newest checkpoint: at most one small write for each checkpoint. The uid keeps a Job that was
 * removed meanwhile from being made anew.
 */
export function checkpointActions(owner: FineTuneJob, job: Job): Action[] {
  const { name, namespace, uid, annotations = {} } = job.metadata;
  const saved = checkpointOf(owner, name);
  if (saved === undefined || annotations[runAnnotations.checkpointStep] === String(saved.step)) return [];
  const told = {
    [runAnnotations.checkpointStep]: String(saved.step),
    ...(saved.time === undefined ? {} : { [runAnnotations.checkpointTime]: saved.time }),
  };
  const metadata = {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
    annotations: told,
  };
  return [apply({ apiVersion: 'batch/v1', kind: 'Job', metadata }, { fieldManager })];
}

/** That an interruption would not lose everything. */
export function saved(owner: FineTuneJob, run: string): PlannedCondition[] {
  const checkpoint = checkpointOf(owner, run);
  if (checkpoint === undefined) return [];
  return [yes('CheckpointSaved', 'Saved', `step ${checkpoint.step} is saved: an interrupted run goes on from there`)];
}
