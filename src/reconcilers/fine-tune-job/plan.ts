import type { FineTuneJob } from '../../api/v1alpha1/index.ts';
import { exitCode } from '../../contract/exit-codes.ts';
import { paused, progressing, stalled } from '../../controller/plan.ts';
import { baseModelName } from '../shared/base-model.ts';
import { failureMessage } from '../shared/failure.ts';
import { removeActions, startActions } from '../shared/job.ts';
import { liveJobs, nextStep, staleJobs } from '../shared/next-step.ts';
import type { Step } from '../shared/next-step.ts';
import { isChanging, messageOf } from '../shared/publication.ts';
import type { DesiredRun } from '../shared/run.ts';
import { claimActions } from '../shared/store-claim.ts';
import { clearing, pending, runningMessage, stopping, storeLeaving, yes } from '../shared/waiting.ts';
import type { StepOf } from '../shared/waiting.ts';
import { checkpointActions, graceSeconds, saved } from './checkpoint.ts';
import { hardships } from './hardships.ts';
import { lineageOf } from './inputs.ts';
import type { Observed } from './observe.ts';
import { cleanUp, keep, publish } from './publish.ts';
import { hints, trainerRun } from './render.ts';
import { resolvedStatus } from './resolved.ts';
import { scheduleProblem } from './retrain.ts';
import { silence } from './silence.ts';
import { inputsOf, outdated, recorded, wanted } from './state.ts';
import type { FineTunePlan } from './state.ts';
import { withSpeed } from './throughput.ts';

function suspend({ jobs }: Observed): FineTunePlan {
  const message = 'suspended: set spec.suspend to false to go on';
  return paused('Suspended', message, {
    conditions: [yes('Suspended', 'Suspended', message)],
    // the trainer saves a checkpoint when it is told to stop, and the same run goes on from it
    actions: removeActions(liveJobs(jobs), 'Foreground'),
  });
}

function waitForInputs({ job, dataset, init }: Observed): FineTunePlan {
  const { name } = job.spec.datasetRef;
  const options = { phase: 'Pending', status: { model: baseModelName(job.spec.baseModel) } };
  if (dataset?.status?.artifact !== undefined && init !== undefined) {
    const other = job.spec.initAdapterFrom?.jobRef.name ?? '';
    if (init.job !== undefined)
      return progressing('AdapterNotReady', `"${other}" has no adapter yet${messageOf(init.job.status)}`, options);
    const message = `FineTuneJob "${other}" does not exist: create it, or correct spec.initAdapterFrom.jobRef.name`;
    return progressing('AdapterNotFound', message, options);
  }
  if (dataset === undefined) {
    const message = `dataset "${name}" does not exist: create it, or correct spec.datasetRef.name`;
    return progressing('DatasetNotFound', message, options);
  }
  return progressing('DatasetNotReady', `dataset "${name}" has no artifact yet${messageOf(dataset.status)}`, options);
}

function start(observed: Observed, desired: DesiredRun, { run }: StepOf<'train', 'start'>): FineTunePlan {
  const { job, dataset, init, jobs, claim, settings } = observed;
  const inputs = inputsOf(observed);
  if (inputs === undefined) return waitForInputs(observed);
  const conditions = outdated(observed);
  if (isChanging(dataset)) {
    const message = `dataset "${job.spec.datasetRef.name}" is being made anew${messageOf(dataset?.status)}`;
    return progressing('DatasetChanging', message, { phase: 'Pending', conditions });
  }
  if (init !== undefined && isChanging(init.job)) {
    const message = `the adapter of "${job.spec.initAdapterFrom?.jobRef.name ?? ''}" is being made anew${messageOf(init.job?.status)}`;
    return progressing('AdapterChanging', message, { phase: 'Pending', conditions });
  }
  const lineage = lineageOf(job, inputs.rows, inputs.init);
  const isNew = job.status?.run?.name !== run.name;
  const created: FineTunePlan = progressing('RunCreated', `run "${run.name}" is created`, {
    phase: 'Queued',
    conditions,
    status: {
      model: baseModelName(job.spec.baseModel),
      run: { ...run, lineage },
      // the figures of the run before, which it comes from, go away
      graceSeconds: graceSeconds(job),
      ...resolvedStatus(job.spec),
    },
    actions: [
      ...claimActions(claim, job, settings.store),
      ...removeActions(staleJobs(jobs, run.name), 'Background'),
      ...startActions(trainerRun(job, desired, lineage, settings), settings),
    ],
    // a run that goes on after a suspension keeps the figures it had
    ...(isNew ? { progress: {} } : {}),
  });
  return storeLeaving(claim, conditions) ?? created;
}

function train(observed: Observed, step: StepOf<'train', 'running'>): FineTunePlan {
  const message = runningMessage('training', step);
  const { conditions, requeueAfterSeconds } = silence(observed, step);
  return progressing('Training', message, {
    phase: 'Running',
    conditions: [
      ...outdated(observed),
      yes('Running', 'Training', message),
      ...saved(observed.job, step.run.name),
      ...withSpeed(observed.job, hardships(observed.job, step.run.name)),
      ...conditions,
    ],
    ...(requeueAfterSeconds === undefined ? {} : { requeueAfterSeconds }),
    status: { run: recorded(observed, step) },
    actions: checkpointActions(observed.job, step.job),
  });
}

const outOfMemoryCodes: readonly number[] = [exitCode('gpuOutOfMemory'), exitCode('hostOutOfMemory')];

function fail(observed: Observed, step: StepOf<'train', 'failed'>): FineTunePlan {
  const { reason = 'Failed', exitCode: code } = step.run;
  const message = failureMessage(step.run);
  const isOutOfMemory = reason === 'OutOfMemory' || (code !== undefined && outOfMemoryCodes.includes(code));
  return stalled(reason, message, {
    conditions: [
      ...outdated(observed),
      yes('Failed', reason, message),
      ...(isOutOfMemory ? [yes('OutOfMemory', reason, message)] : []),
      ...(code === exitCode('diverged') ? [yes('Diverged', reason, message)] : []),
      ...hardships(observed.job, step.run.name),
    ],
    ...cleanUp(observed, step.run),
    status: step.isNew ? { run: recorded(observed, step) } : {},
  });
}

/** What stays true of a run while its pod waits for a place. */
const kept = (job: FineTuneJob, run: string) => [...saved(job, run), ...hardships(job, run)];

function carryOut(observed: Observed, desired: DesiredRun | undefined, step: Step<'train'>): FineTunePlan {
  const conditions = outdated(observed);
  switch (step.step) {
    case 'keep':
      return keep(observed);
    case 'start':
      return desired === undefined ? waitForInputs(observed) : start(observed, desired, step);
    case 'clear':
      return clearing(step, conditions);
    case 'wait':
      return stopping(step, conditions);
    case 'pending':
      return pending(step.pending, [...conditions, ...kept(observed.job, step.run.name)], {
        run: recorded(observed, step),
      });
    case 'running':
      return train(observed, step);
    case 'failed':
      return fail(observed, step);
    case 'succeeded':
      return publish(observed, desired, step);
  }
}

/** Decide what a FineTuneJob needs next. Pure: the same observation always gives the same plan. */
export function plan(observed: Observed): FineTunePlan {
  const { job, jobs, now } = observed;
  if (job.spec.suspend) return suspend(observed);
  const problem = scheduleProblem(job);
  if (problem !== undefined) return stalled('InvalidSchedule', problem, { conditions: outdated(observed) });
  if (observed.init?.isCircular) {
    const message =
      'spec.initAdapterFrom leads back to this object: name a FineTuneJob that does not begin with an adapter of this one';
    return stalled('CircularReference', message, { conditions: outdated(observed) });
  }
  const desired = wanted(observed);
  const step = nextStep({
    worker: 'train',
    desired,
    recorded: job.status?.run,
    published: job.status?.artifactRun,
    jobs,
    isFinishedFirst: job.spec.concurrency === 'Finish',
    hints: hints(job),
    now: now.getTime(),
  });
  return step === undefined ? waitForInputs(observed) : carryOut(observed, desired, step);
}
