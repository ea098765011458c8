import type { EvaluationStatus } from '../../api/v1alpha1/index.ts';
import { paused, progressing, stalled } from '../../controller/plan.ts';
import type { Plan, PlannedCondition, StatusPatch } from '../../controller/plan.ts';
import { failureMessage } from '../shared/failure.ts';
import { removeActions, startActions } from '../shared/job.ts';
import { liveJobs, nextStep, staleJobs } from '../shared/next-step.ts';
import type { Step } from '../shared/next-step.ts';
import { messageOf } from '../shared/publication.ts';
import { desiredRun } from '../shared/run.ts';
import type { DesiredRun } from '../shared/run.ts';
import { claimActions } from '../shared/store-claim.ts';
import { clearing, pending, runningMessage, stopping, storeLeaving, yes } from '../shared/waiting.ts';
import type { StepOf } from '../shared/waiting.ts';
import { attemptOf, inputsHash, missingJob, subjectOf } from './inputs.ts';
import type { Subject } from './inputs.ts';
import type { Observed } from './observe.ts';
import { finalizerActions, planDeletion } from './ab-test/deletion.ts';
import { planAbTest } from './ab-test/plan.ts';
import { toldActions } from './promotion/config-map.ts';
import { rollBack, rollbackConditions } from './promotion/rollback.ts';
import { planTag } from './promotion/tag.ts';
import { gateConditions, keep, publish } from './publish.ts';
import { evaluatorRun, hints } from './render.ts';

type EvaluationPlan = Plan<EvaluationStatus>;

const measured = ({ evaluation, fineTuneJob, otherJobs }: Observed): Subject | undefined =>
  subjectOf(fineTuneJob, evaluation, otherJobs);

function wanted(observed: Observed): DesiredRun | undefined {
  const { evaluation } = observed;
  const subject = measured(observed);
  return subject && desiredRun(evaluation, 'evaluate', inputsHash(evaluation, subject), attemptOf(evaluation));
}

/** Earlier results are kept, judged, and marked as what they are. */
function conditionsOf(observed: Observed, desired: DesiredRun | undefined): PlannedCondition[] {
  const { resultsRun, ...figures } = observed.evaluation.status ?? {};
  const { results } = figures;
  const judged = gateConditions(observed, figures);
  if (results === undefined || desired === undefined || desired.name === resultsRun) return judged;
  return [...judged, yes('Outdated', 'InputsChanged', 'the results are of an older adapter or an older spec')];
}

function suspend(observed: Observed): EvaluationPlan {
  const message = 'suspended: set spec.suspend to false to go on';
  const judged = gateConditions(observed, observed.evaluation.status ?? {});
  return paused('Suspended', message, {
    conditions: [...judged, yes('Suspended', 'Suspended', message)],
    actions: removeActions(liveJobs(observed.jobs), 'Foreground'),
  });
}

function waitForJob(observed: Observed): EvaluationPlan {
  const { evaluation, otherJobs = {} } = observed;
  const own = evaluation.spec.jobRef.name;
  const other = subjectOf(observed.fineTuneJob) === undefined ? undefined : missingJob(evaluation, otherJobs);
  const name = other ?? own;
  const fineTuneJob = other === undefined ? observed.fineTuneJob : otherJobs[other];
  const options = { phase: 'Pending', conditions: conditionsOf(observed, undefined) };
  if (fineTuneJob === undefined) {
    const message = `finetunejob "${name}" does not exist: create it, or correct ${other === undefined ? 'spec.jobRef.name' : 'spec.baselineRef or spec.candidates'}`;
    return progressing('JobNotFound', message, options);
  }
  return progressing(
    'JobNotReady',
    `finetunejob "${name}" has no adapter yet${messageOf(fineTuneJob.status)}`,
    options,
  );
}

function start(observed: Observed, desired: DesiredRun, { run }: StepOf<'evaluate', 'start'>): EvaluationPlan {
  const { evaluation, jobs, claim, settings } = observed;
  const subject = measured(observed);
  if (subject === undefined) return waitForJob(observed);
  const conditions = conditionsOf(observed, desired);
  const created: EvaluationPlan = progressing('RunCreated', `run "${run.name}" is created`, {
    phase: 'Queued',
    conditions,
    status: { run },
    actions: [
      ...claimActions(claim, evaluation, settings.store),
      ...removeActions(staleJobs(jobs, run.name), 'Background'),
      ...startActions(evaluatorRun(evaluation, desired, subject, settings), settings),
    ],
    progress: {},
  });
  return storeLeaving(claim, conditions) ?? created;
}

function fail(step: StepOf<'evaluate', 'failed'>, conditions: readonly PlannedCondition[]): EvaluationPlan {
  const { reason = 'Failed' } = step.run;
  const message = failureMessage(step.run);
  return stalled(reason, message, {
    conditions: [...conditions, yes('EvaluationFailed', reason, message)],
    status: step.isNew ? { run: step.run } : {},
  });
}

function carryOut(observed: Observed, desired: DesiredRun | undefined, step: Step<'evaluate'>): EvaluationPlan {
  const conditions = conditionsOf(observed, desired);
  switch (step.step) {
    case 'keep':
      return keep(observed);
    case 'start':
      return desired === undefined ? waitForJob(observed) : start(observed, desired, step);
    case 'clear':
      return clearing(step, conditions);
    case 'wait':
      return stopping(step, conditions);
    case 'pending':
      return pending(step.pending, conditions, { run: step.run });
    case 'running':
      return progressing('Evaluating', runningMessage('evaluating', step), {
        phase: 'Running',
        conditions,
        status: { run: step.run },
      });
    case 'failed':
      return fail(step, conditions);
    case 'succeeded':
      return publish(observed, step);
  }
}

/** What the results need next. */
function planRun(observed: Observed): EvaluationPlan {
  const { evaluation, jobs, now } = observed;
  if (evaluation.spec.suspend) return suspend(observed);
  const desired = wanted(observed);
  const step = nextStep({
    worker: 'evaluate',
    desired,
    recorded: evaluation.status?.run,
    published: evaluation.status?.resultsRun,
    jobs,
    isFinishedFirst: false,
    hints: hints(evaluation, measured(observed)),
    now: now.getTime(),
  });
  return step === undefined ? waitForJob(observed) : carryOut(observed, desired, step);
}

type Patch = StatusPatch<EvaluationStatus>;

function patched(status: EvaluationStatus | undefined, patch: Patch): EvaluationStatus {
  const members = Object.entries({ ...status, ...patch }).filter(([, value]) => value !== null);
  return Object.fromEntries(members);
}

const soonest = (...waits: readonly (number | undefined)[]): { requeueAfterSeconds?: number } => {
  const known = waits.filter((seconds) => seconds !== undefined);
  return known.length === 0 ? {} : { requeueAfterSeconds: Math.min(...known) };
};

/**
 * Decide what an Evaluation needs next. Pure: the same observation always gives the same plan. A rollback comes before the
 * verdict on results, then the test under traffic, and all of them before what others read; the tag comes last, since it alone
 * can be refused.
 */
export function plan(observed: Observed): EvaluationPlan {
  const { evaluation, fineTuneJob, tagJobs, tagOwner, settings, told, traffic = {}, now } = observed;
  if (evaluation.metadata.deletionTimestamp !== undefined) return planDeletion(evaluation, traffic, now);
  const back = rollBack(observed);
  const status = patched(evaluation.status, back.status);
  const run = planRun({ ...observed, evaluation: { ...evaluation, status } });
  const judged = patched(status, run.status);
  const test = planAbTest({ ...evaluation, status: judged }, traffic, now);
  const after = patched(judged, test.status);
  const tag = planTag({
    evaluation: { ...evaluation, status: after },
    written: evaluation.status,
    fineTuneJob,
    owner: tagOwner,
    jobs: tagJobs,
    settings,
    now,
  });
  return {
    ...run,
    conditions: [...run.conditions, ...test.conditions, ...rollbackConditions(after), ...tag.conditions],
    status: { ...back.status, ...run.status, ...test.status, ...tag.status },
    actions: [
      ...finalizerActions(evaluation, after),
      ...run.actions,
      ...test.actions,
      ...toldActions(evaluation, after, told),
      ...tag.actions,
    ],
    events: [...run.events, ...back.events, ...test.events, ...tag.events],
    ...soonest(run.requeueAfterSeconds, test.requeueAfterSeconds, tag.requeueAfterSeconds),
  };
}
