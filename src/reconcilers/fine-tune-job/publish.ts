import { unread } from '../../api/v1alpha1/index.ts';
import type { FineTuneJob, FineTuneJobStatus, PublishedExport, Run } from '../../api/v1alpha1/index.ts';
import type { Success } from '../../contract/result.ts';
import { progressing, ready } from '../../controller/plan.ts';
import type { PlannedCondition } from '../../controller/plan.ts';
import { figureOf, known } from '../shared/figures.ts';
import { removeActions } from '../shared/job.ts';
import { staleJobs } from '../shared/next-step.ts';
import { published, shortDigest } from '../shared/publication.ts';
import type { DesiredRun } from '../shared/run.ts';
import { claimActions } from '../shared/store-claim.ts';
import { secondsUntil, yes } from '../shared/waiting.ts';
import type { StepOf } from '../shared/waiting.ts';
import type { Observed } from './observe.ts';
import { holdOf } from './retrain.ts';
import type { Hold } from './retrain.ts';
import { publishedOf } from './oci.ts';
import { finalProgress } from './progress.ts';
import { isOutdated, outdated, recorded } from './state.ts';
import type { FineTunePlan } from './state.ts';
import { withSpeed } from './throughput.ts';
import { warned } from './warnings.ts';

/** Earlier adapters, the newest first, after the publication of `digest`. */
function historyOf({ job: { spec, status } }: Observed, digest: string | undefined) {
  const { artifact, artifactRun: run, lineage, history = [] } = status ?? {};
  const isReplaced = artifact !== undefined && run !== undefined && digest !== undefined && artifact.digest !== digest;
  const replaced = isReplaced ? [{ run, artifact, inputsHash: lineage?.inputsHash ?? '' }] : [];
  return [...replaced, ...history].slice(0, spec.historyLimit);
}

type Overfitting = NonNullable<FineTuneJobStatus['overfitting']>;

function overfittingOf({ overfitting }: Success<'train'>['summary']): Overfitting {
  const { verdict, step, rise, advice } = overfitting;
  return { verdict, ...known({ step, rise: rise === null ? null : figureOf(rise) }), advice };
}

/** Files beside the adapter, with the figures of the check that each has passed. */
const exportsOf = ({ exports }: Success<'train'>['summary']): PublishedExport[] =>
  exports.map(({ name, bytes, sizeRatio, topOne, meanKl, perplexityRise }) => ({
    name,
    size: bytes,
    sizeRatio: figureOf(sizeRatio),
    topOneAgreement: figureOf(topOne),
    meanKl: figureOf(meanKl),
    perplexityRise: figureOf(perplexityRise),
  }));

function methodOf(
  { spec }: FineTuneJob,
  { method, learningRate }: Success<'train'>['summary'],
): NonNullable<FineTuneJobStatus['method']> {
  const { chosen, reason } = method;
  const ignored = unread(spec, chosen);
  const told =
    ignored.length === 0 ? reason : `${reason ?? ''}; it does not read ${ignored.join(' and ')}: leave it out`;
  return { chosen, ...known({ reason: told?.slice(0, 256) }), learningRate: figureOf(learningRate) };
}

/** A warning beside a good end: the adapter is there all the same, and an evaluation tells what it cost. */
function overfitted(overfitting: Overfitting | undefined): PlannedCondition[] {
  if (overfitting === undefined || overfitting.verdict === 'none') return [];
  const { verdict, step = 0, rise, advice = [] } = overfitting;
  const seen =
    rise === undefined
      ? 'the loss on unseen documents stands still while that of training falls'
      : `the loss on unseen documents rose by ${Math.round(Number(rise) * 100)} %`;
  const message = `${seen} after step ${step}: ${advice.join('; ')}`;
  return [yes('Overfitting', verdict === 'confirmed' ? 'LossRises' : 'GapGrows', message)];
}

const startupOf = ({ startup }: Success<'train'>['summary']): Record<string, string> =>
  Object.fromEntries(Object.entries(startup).map(([phase, seconds]) => [phase, figureOf(seconds)]));

const withFigures = (job: FineTuneJob, result: Success<'train'>): FineTuneJob => ({
  ...job,
  status: { ...job.status, ...finalProgress(result, job.status) },
});

/** The run has come to a good end: its adapter is the artifact from now on. */
export function publish(
  observed: Observed,
  desired: DesiredRun | undefined,
  step: StepOf<'train', 'succeeded'>,
): FineTunePlan {
  const { job, jobs } = observed;
  const { run, result } = step;
  const { artifact, summary } = result;
  const { count, percent } = summary.trainableParameters;
  const overfitting = overfittingOf(summary);
  const { warnings } = summary;
  const done = recorded(observed, step);
  const record = published(artifact, shortDigest(artifact.digest), job.status?.artifact, run.completionTime ?? '');
  const isCurrent = desired === undefined || desired.name === run.name;
  const message = `adapter ${record.revision} is ready`;
  const options = {
    phase: isCurrent ? 'Ready' : 'Pending',
    conditions: isCurrent
      ? [
          yes('Complete', 'Trained', message),
          ...overfitted(overfitting),
          ...withSpeed(withFigures(job, result), warned(warnings)),
        ]
      : [],
    status: {
      run: done,
      artifact: record,
      artifactRun: run.name,
      lineage: done.lineage ?? null,
      history: historyOf(observed, record.digest),
      baseModelRevision: summary.baseModelRevision,
      method: methodOf(observed.job, summary),
      startup: startupOf(summary),
      trainableParameters: { count, percent: figureOf(percent) },
      overfitting,
      warnings,
      exports: exportsOf(summary),
      published: publishedOf(job.spec, summary) ?? null,
    },
    actions: removeActions(staleJobs(jobs, run.name), 'Background'),
    progress: finalProgress(result, job.status),
  };
  if (isCurrent) return ready('Trained', message, options);
  return progressing('Superseded', `${message}; its inputs have changed, so another run follows`, options);
}

/**
 * What to do about the Job of a run that is over. The Job's own time to live is not used: it could take the result away
 * before it was read.
 */
export function cleanUp({ job, jobs, now }: Observed, run: Run | undefined) {
  const { ttlSecondsAfterFinished: seconds } = job.spec;
  const end = Date.parse(run?.completionTime ?? '');
  if (seconds === undefined || !Number.isFinite(end)) {
    return { actions: removeActions(staleJobs(jobs, run?.name), 'Background') };
  }
  const left = Math.ceil((end - now.getTime()) / 1000 + seconds);
  const isKept = left > 0;
  return {
    actions: removeActions(staleJobs(jobs, isKept ? run?.name : undefined), 'Background'),
    ...(isKept ? { requeueAfterSeconds: left } : {}),
  };
}

function holdNote(hold: Hold): string {
  if (hold === undefined) return '';
  const until = hold === 'never' ? '' : ` until ${hold.toISOString()}`;
  return `; spec.retrain keeps it${until} though its inputs changed`;
}

/** The adapter for the present inputs is there, or the one that is there shall stay. */
export function keep(observed: Observed): FineTunePlan {
  const { artifact, run, history = [], overfitting, warnings } = observed.job.status ?? {};
  const { actions, requeueAfterSeconds: cleanUpSeconds } = cleanUp(observed, run);
  const message = `adapter ${artifact?.revision ?? ''} is ready`;
  const hold = isOutdated(observed) ? holdOf(observed.job, observed.now) : undefined;
  const opens = hold instanceof Date ? hold : undefined;
  const waits = [cleanUpSeconds, opens && secondsUntil(opens, observed.now)].filter((seconds) => seconds !== undefined);
  const isTooLong = history.length > observed.job.spec.historyLimit;
  return ready('Trained', message + holdNote(hold), {
    conditions: [
      yes('Complete', 'Trained', message),
      ...overfitted(overfitting),
      ...withSpeed(observed.job, warned(warnings)),
      ...outdated(observed),
    ],
    status: {
      nextRetrainTime: opens?.toISOString() ?? null,
      ...(isTooLong ? { history: historyOf(observed, undefined) } : {}),
    },
    ...(waits.length === 0 ? {} : { requeueAfterSeconds: Math.min(...waits) }),
    actions: [...actions, ...claimActions(observed.claim, observed.job, observed.settings.store)],
  });
}
