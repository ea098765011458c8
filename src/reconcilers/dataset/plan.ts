import type { DatasetStatus } from '../../api/v1alpha1/index.ts';
import { exitCode } from '../../contract/exit-codes.ts';
import { paused, progressing, stalled } from '../../controller/plan.ts';
import type { Plan, PlannedCondition } from '../../controller/plan.ts';
import { failureMessage } from '../shared/failure.ts';
import { removeActions, startActions } from '../shared/job.ts';
import { liveJobs, nextStep, staleJobs } from '../shared/next-step.ts';
import type { Step } from '../shared/next-step.ts';
import { isChanging, messageOf } from '../shared/publication.ts';
import { desiredRun } from '../shared/run.ts';
import type { DesiredRun } from '../shared/run.ts';
import { claimActions } from '../shared/store-claim.ts';
import { clearing, pending, runningMessage, secondsUntil, stopping, storeLeaving, yes } from '../shared/waiting.ts';
import type { StepOf } from '../shared/waiting.ts';
import { heldBack } from './growth.ts';
import type { Held } from './growth.ts';
import { artifactsOf, inputsHash, isPreview } from './inputs.ts';
import type { Observed } from './observe.ts';
import { keep, publish } from './publish.ts';
import { keepPreview, publishPreview } from './preview.ts';
import { generatorRun, hints } from './render.ts';

type DatasetPlan = Plan<DatasetStatus>;

function newest({ dataset, sources }: Observed): DesiredRun | undefined {
  const artifacts = artifactsOf(sources);
  return artifacts && desiredRun(dataset, 'generate', inputsHash(dataset, artifacts));
}

function held({ dataset, sources, now }: Observed): Held | undefined {
  const artifacts = artifactsOf(sources);
  return artifacts && heldBack(dataset, artifacts, now);
}

/** The artifact is served on while a newer one is made, and says so. */
function outdated({ dataset: { status } }: Observed, desired: DesiredRun | undefined): PlannedCondition[] {
  if (status?.artifact === undefined || desired === undefined || desired.name === status.artifactRun) return [];
  const message = 'the rows were made from an older spec or older documents';
  return [yes('SourceOutdated', 'InputsChanged', message)];
}

function suspend({ jobs }: Observed): DatasetPlan {
  const message = 'suspended: set spec.suspend to false to go on';
  return paused('Suspended', message, {
    conditions: [yes('Suspended', 'Suspended', message)],
    actions: removeActions(liveJobs(jobs), 'Foreground'),
  });
}

/** The rows are served on, and say when new documents are taken up. */
function waiting(kept: DatasetPlan, observed: Observed, { until }: Held): DatasetPlan {
  const conditions = outdated(observed, newest(observed));
  if (conditions.length === 0) return kept;
  const message = `${kept.verdict.message}; spec.growth lets changed documents wait until ${until.toISOString()}`;
  return {
    ...kept,
    verdict: { ...kept.verdict, message },
    conditions: [...kept.conditions, ...conditions],
    requeueAfterSeconds: secondsUntil(until, observed.now),
  };
}

/** Names every source that is missing or has no documents yet. */
function waitForSources({ sources }: Observed): DatasetPlan {
  const missing = sources.filter(({ source }) => source === undefined);
  if (missing.length > 0) {
    const names = missing.map(({ name }) => `"${name}"`).join(', ');
    const message = `docsource ${names} does not exist: create it, or correct spec.sourceRefs`;
    return progressing('SourceNotFound', message, { phase: 'Pending' });
  }
  const waiting = sources.filter(({ source }) => source?.status?.artifact === undefined);
  const said = waiting.map(({ name, source }) => `docsource "${name}" has no artifact yet${messageOf(source?.status)}`);
  return progressing('SourceNotReady', said.join('; '), { phase: 'Pending' });
}

function start(
  observed: Observed,
  desired: DesiredRun,
  conditions: readonly PlannedCondition[],
  { run }: StepOf<'generate-dataset', 'start'>,
): DatasetPlan {
  const { dataset, sources, jobs, claim, settings } = observed;
  const artifacts = artifactsOf(sources);
  if (artifacts === undefined) return waitForSources(observed);
  const changing = sources.find(({ source }) => isChanging(source));
  if (changing !== undefined) {
    const message = `docsource "${changing.name}" is being fetched anew${messageOf(changing.source?.status)}`;
    return progressing('SourceChanging', message, { phase: 'Pending', conditions });
  }
  const created: DatasetPlan = progressing('RunCreated', `run "${run.name}" is created`, {
    phase: 'Queued',
    conditions,
    status: { run },
    actions: [
      ...claimActions(claim, dataset, settings.store),
      ...removeActions(staleJobs(jobs, run.name), 'Background'),
      ...startActions(generatorRun(dataset, desired, artifacts, settings), settings),
    ],
    progress: {},
  });
  return storeLeaving(claim, conditions) ?? created;
}

function fail(step: StepOf<'generate-dataset', 'failed'>, conditions: readonly PlannedCondition[]): DatasetPlan {
  const { reason = 'Failed', exitCode: code } = step.run;
  const message = failureMessage(step.run);
  const budget = code === exitCode('budget') ? [yes('BudgetExceeded', reason, message)] : [];
  return stalled(reason, message, {
    ...(reason === 'PartiallyFailed' ? { phase: 'PartiallyFailed' } : {}),
    conditions: [...conditions, { type: 'Generated', status: 'False', reason, message }, ...budget],
    status: step.isNew ? { run: step.run } : {},
  });
}

function carryOut(observed: Observed, desired: DesiredRun | undefined, step: Step<'generate-dataset'>): DatasetPlan {
  const conditions = outdated(observed, desired);
  switch (step.step) {
    case 'keep':
      return isPreview(observed.dataset.spec) && observed.dataset.status?.preview !== undefined
        ? keepPreview(observed, observed.dataset.status.preview)
        : keep(observed);
    case 'start':
      return desired === undefined ? waitForSources(observed) : start(observed, desired, conditions, step);
    case 'clear':
      return clearing(step, conditions);
    case 'wait':
      return stopping(step, conditions);
    case 'pending':
      return pending(step.pending, conditions, { run: step.run });
    case 'running':
      return progressing('Generating', runningMessage('making rows', step), {
        phase: 'Running',
        conditions,
        status: { run: step.run },
      });
    case 'failed':
      return fail(step, conditions);
    case 'succeeded':
      return isPreview(observed.dataset.spec) ? publishPreview(observed, step) : publish(observed, step);
  }
}

/** Decide what a Dataset needs next. Pure: the same observation always gives the same plan. */
export function plan(observed: Observed): DatasetPlan {
  const { dataset, jobs, now } = observed;
  if (dataset.spec.suspend) return suspend(observed);
  const hold = held(observed);
  const desired = hold?.run ?? newest(observed);
  const step = nextStep({
    worker: 'generate-dataset',
    desired,
    recorded: dataset.status?.run,
    published: isPreview(dataset.spec) ? dataset.status?.preview?.run : dataset.status?.artifactRun,
    jobs,
    isFinishedFirst: false,
    hints: hints(dataset),
    now: now.getTime(),
  });
  const decided = step === undefined ? waitForSources(observed) : carryOut(observed, desired, step);
  return hold === undefined || step?.step !== 'keep' ? decided : waiting(decided, observed, hold);
}
