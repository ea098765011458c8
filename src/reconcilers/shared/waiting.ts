import { progressing } from '../../controller/plan.ts';
import type { Plan, PlannedCondition, StatusPatch } from '../../controller/plan.ts';
import type { Claim } from '../../controller/kinds.ts';
import type { WorkerName } from '../../contract/result.ts';
import { removeActions } from './job.ts';
import type { Step } from './next-step.ts';
import { isTerminating } from './store-claim.ts';

export type StepOf<W extends WorkerName, Name extends Step<W>['step']> = Extract<Step<W>, { step: Name }>;

type Conditions = readonly PlannedCondition[];

/** An abnormal or passing condition that holds. */
export const yes = (type: string, reason: string, message: string): PlannedCondition => ({
  type,
  status: 'True',
  reason,
  message,
});

/** Whole seconds from now to a moment; the queue takes any number of them. */
export const secondsUntil = (moment: Date, now: Date): number => Math.ceil((moment.getTime() - now.getTime()) / 1000);

/** Jobs in the way are removed; what follows is decided when they and their pods are gone. */
export const clearing = <Status>({ jobs }: StepOf<WorkerName, 'clear'>, conditions: Conditions): Plan<Status> =>
  progressing('Replacing', 'the job of an earlier attempt is being removed', {
    phase: 'Pending',
    conditions,
    actions: removeActions(jobs, 'Foreground'),
  });

export const stopping = <Status>({ job }: StepOf<WorkerName, 'wait'>, conditions: Conditions): Plan<Status> =>
  progressing('Stopping', `job "${job.metadata.name}" is coming to its end`, { phase: 'Pending', conditions });

/** A pod that does no work yet. Looked at again by itself, since a wait that lasts gets another message. */
export const pending = <Status>(
  { reason, message, isQueued }: StepOf<WorkerName, 'pending'>['pending'],
  conditions: Conditions,
  status: StatusPatch<Status>,
): Plan<Status> =>
  progressing(reason, message, {
    phase: isQueued ? 'Queued' : 'Pending',
    conditions: [...conditions, ...(isQueued ? [yes('Queued', reason, message)] : [])],
    status,
    requeueAfterSeconds: 30,
  });

/** The plan while a claim of an earlier owner is on its way out; a pod that took it would keep it there for ever. */
export const storeLeaving = <Status>(claim: Claim | undefined, conditions: Conditions): Plan<Status> | undefined =>
  isTerminating(claim)
    ? progressing('StoreTerminating', 'the claim of an earlier store is being removed', {
        phase: 'Pending',
        conditions,
      })
    : undefined;

/** What a run under way says, with what befell the attempt before. */
export const runningMessage = (activity: string, { run, setback }: StepOf<WorkerName, 'running'>): string =>
  `run "${run.name}" is ${activity}${setback === undefined ? '' : `; an attempt before failed: ${setback}`}`;
