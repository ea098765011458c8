import type { Evaluation, EvaluationStatus, FineTuneJob, TagFailure } from '../../../api/v1alpha1/index.ts';
import type { Action, PlannedCondition, PlannedEvent, StatusPatch } from '../../../controller/plan.ts';
import { removeActions, startActions } from '../../shared/job.ts';
import { jobState } from '../../shared/job-state.ts';
import type { FailedRun, JobState } from '../../shared/job-state.ts';
import { liveJobs, staleJobs } from '../../shared/next-step.ts';
import type { ObservedJob } from '../../shared/observed-job.ts';
import type { RunSettings } from '../../shared/run-settings.ts';
import type { DesiredRun } from '../../shared/run.ts';
import { secondsUntil, yes } from '../../shared/waiting.ts';
import { tagHints, tagJob, tagRun } from './tag-run.ts';
import { hashOfTry, isThere, referenceOf, targetOf } from './tag-target.ts';
import type { Problem, Target } from './tag-target.ts';

export interface TagPlan {
  status: StatusPatch<EvaluationStatus>;
  conditions: PlannedCondition[];
  actions: Action[];
  events: PlannedEvent[];
  requeueAfterSeconds?: number;
}

export interface TagSituation {
  /** with the status as it will be */
  evaluation: Evaluation;
  /** the status as it is written */
  written: EvaluationStatus | undefined;
  fineTuneJob: FineTuneJob | undefined;
  /** an older Evaluation that moves the same tag */
  owner: string | undefined;
  jobs: readonly ObservedJob[];
  settings: RunSettings;
  now: Date;
}

const type = 'Tagged';
const nothing: TagPlan = { status: {}, conditions: [], actions: [], events: [] };

const moving = (reason: string, message: string): PlannedCondition => ({ type, status: 'Unknown', reason, message });

const refused = ({ reason, message }: Problem): PlannedCondition => ({
  type,
  status: 'False',
  reason,
  message,
});

const forgotten = ({ promotedTag, promotedTagFailure }: EvaluationStatus): StatusPatch<EvaluationStatus> => ({
  ...(promotedTag === undefined ? {} : { promotedTag: null }),
  ...(promotedTagFailure === undefined ? {} : { promotedTagFailure: null }),
});

/** What is in the way goes with its pods, so that no two of them write the same tag. */
const cleared = (jobs: readonly ObservedJob[]): Action[] => removeActions(liveJobs(jobs), 'Foreground');

const isInTheWay = (observed: ObservedJob): boolean =>
  observed.job.metadata.deletionTimestamp !== undefined || liveJobs([observed]).length > 0;

/** Doubled from a minute to half an hour: what is wrong may be a password, which nobody tells the operator of. */
const waitSeconds = (failures: number): number => Math.min(60 * 2 ** Math.min(failures - 1, 10), 1800);

const nextTry = ({ time, failures }: TagFailure): Date => new Date(Date.parse(time) + waitSeconds(failures) * 1000);

function failure(found: FailedRun, inputsHash: string, before: TagFailure | undefined): TagFailure {
  const failures = (before?.failures ?? 0) + 1;
  const { reason, message, completionTime: time } = found;
  return { inputsHash, failures, reason: reason.slice(0, 64), message: message.slice(0, 1024), time };
}

function waiting(told: TagFailure, target: Target, now: Date): Pick<TagPlan, 'conditions' | 'requeueAfterSeconds'> {
  const { reason, message } = told;
  const text = `"${referenceOf(target)}" is not moved: ${message}; it is tried again at ${nextTry(told).toISOString()}`;
  return {
    conditions: [refused({ reason, message: text })],
    requeueAfterSeconds: Math.max(1, secondsUntil(nextTry(told), now)),
  };
}

function done(target: Target, { completionTime }: Extract<JobState<'tag'>, { state: 'succeeded' }>): TagPlan {
  const message = `"${referenceOf(target)}" names the promoted adapter`;
  const promotedTag = { reference: referenceOf(target), digest: target.digest, movedAt: completionTime };
  return {
    ...nothing,
    status: { promotedTag, promotedTagFailure: null },
    conditions: [yes(type, 'Moved', message)],
    events: [{ type: 'Normal', reason: 'TagMoved', message: `${message}, by its manifest ${target.digest}` }],
  };
}

function follow(situation: TagSituation, target: Target, own: ObservedJob, before: TagFailure | undefined): TagPlan {
  const { evaluation, now } = situation;
  const name = referenceOf(target);
  const found = jobState('tag', own, tagHints(evaluation, target), now.getTime());
  switch (found.state) {
    case 'pending':
      return { ...nothing, conditions: [moving(found.pending.reason, found.pending.message)], requeueAfterSeconds: 30 };
    case 'running': {
      const setback = found.setback === undefined ? '' : `; an attempt before failed: ${found.setback}`;
      return { ...nothing, conditions: [moving('Moving', `"${name}" is being moved${setback}`)] };
    }
    case 'succeeded':
      return done(target, found);
    case 'failed': {
      const told = failure(found, hashOfTry(target, evaluation.status?.promoted?.since, 0), before);
      const event = { type: 'Warning' as const, reason: 'TagNotMoved', message: `"${name}": ${told.message}` };
      return {
        ...nothing,
        ...waiting(told, target, now),
        status: { promotedTagFailure: told },
        events: [event],
      };
    }
    case 'lost':
      // asked again, it finds the tag moved
      return {
        ...nothing,
        conditions: [moving('Moving', `"${name}" is being moved`)],
        actions: removeActions([own.job], 'Foreground'),
      };
    case 'stopping':
      return { ...nothing, conditions: [moving('Stopping', `job "${own.job.metadata.name}" is coming to its end`)] };
  }
}

/** A promotion must be written before its tag moves: a Job that cannot be made must not keep it from being written. */
function isWritten({ evaluation, written }: TagSituation): boolean {
  const { promoted, resultsRun } = evaluation.status ?? {};
  const before = written?.promoted;
  const isSame = promoted?.since === before?.since && promoted?.artifact.digest === before?.artifact.digest;
  return isSame && resultsRun === written?.resultsRun;
}

function start(situation: TagSituation, target: Target, run: DesiredRun): TagPlan {
  const { evaluation, settings } = situation;
  const conditions = [moving('Moving', `"${referenceOf(target)}" is to name the promoted adapter`)];
  if (!isWritten(situation)) return { ...nothing, conditions, requeueAfterSeconds: 1 };
  const actions = startActions(tagRun(evaluation, run, target, settings), settings);
  return { ...nothing, conditions, actions };
}

function towards(situation: TagSituation, target: Target): TagPlan {
  const { evaluation, jobs, now } = situation;
  const { promoted, promotedTagFailure } = evaluation.status ?? {};
  const inputsHash = hashOfTry(target, promoted?.since, 0);
  const before = promotedTagFailure?.inputsHash === inputsHash ? promotedTagFailure : undefined;
  if (before !== undefined && nextTry(before) > now)
    return { ...nothing, ...waiting(before, target, now), actions: cleared(jobs) };
  const run = tagJob(evaluation, hashOfTry(target, promoted?.since, before?.failures ?? 0));
  const others = jobs.filter(({ job }) => job.metadata.name !== run.name);
  if (others.some(isInTheWay)) {
    const conditions = [moving('Replacing', 'the job of an earlier try is being removed')];
    return { ...nothing, conditions, actions: cleared(others) };
  }
  const own = jobs.find(({ job }) => job.metadata.name === run.name);
  const next = own === undefined ? start(situation, target, run) : follow(situation, target, own, before);
  return { ...next, actions: [...removeActions(staleJobs(others, undefined), 'Background'), ...next.actions] };
}

/** What is not moved from here may be moved by others meanwhile, so nothing is known of it any more: a later Job tells. */
function left({ evaluation, jobs }: TagSituation, problem: Problem): TagPlan {
  return {
    ...nothing,
    status: forgotten(evaluation.status ?? {}),
    conditions: [refused(problem)],
    actions: removeActions(staleJobs(jobs, undefined), 'Foreground'),
  };
}

/** The older one moves it, until it is gone or names another tag, which is looked at now and then. */
function shared(situation: TagSituation, target: Target, owner: string): TagPlan {
  const message = `"${referenceOf(target)}" is moved by evaluation "${owner}", which is older: choose another spec.promotion.oci.tag in one of them`;
  return { ...left(situation, { reason: 'TagShared', message }), requeueAfterSeconds: 60 };
}

/**
 * Let the tag follow the promoted adapter, by one Job at a time, which is no run of the Evaluation. What a registry refuses is
 * told, tried again, and changes nothing else. Pure.
 */
export function planTag(situation: TagSituation): TagPlan {
  const { evaluation, fineTuneJob, jobs } = situation;
  const { status = {}, spec } = evaluation;
  const target = targetOf(evaluation, fineTuneJob);
  if (target === undefined) {
    const isAsked = spec.promotion?.oci !== undefined;
    return { ...nothing, status: isAsked ? {} : forgotten(status), actions: cleared(jobs) };
  }
  if ('reason' in target) return left(situation, target);
  if (situation.owner !== undefined) return shared(situation, target, situation.owner);
  if (!isThere(target, status.promotedTag)) return towards(situation, target);
  const message = `"${referenceOf(target)}" names the promoted adapter`;
  return {
    ...nothing,
    status: status.promotedTagFailure === undefined ? {} : { promotedTagFailure: null },
    conditions: [yes(type, 'Moved', message)],
    actions: removeActions(staleJobs(jobs, undefined), 'Background'),
  };
}
