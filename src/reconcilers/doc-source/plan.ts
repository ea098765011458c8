import type { DocSourceStatus } from '../../api/v1alpha1/index.ts';
import { tellUnanswered } from '../../contract/documents.ts';
import { paused, progressing, ready, retrying, stalled } from '../../controller/plan.ts';
import type { Plan, PlannedCondition } from '../../controller/plan.ts';
import { removeActions, startActions } from '../shared/job.ts';
import { liveJobs, nextStep, staleJobs } from '../shared/next-step.ts';
import type { Step } from '../shared/next-step.ts';
import { published } from '../shared/publication.ts';
import { claimActions } from '../shared/store-claim.ts';
import { clearing, pending, runningMessage, stopping, storeLeaving, yes } from '../shared/waiting.ts';
import type { StepOf } from '../shared/waiting.ts';
import type { Observed } from './observe.ts';
import { fetcherRun, hints, sourceLine } from './render.ts';
import { due, inputsHash, isTerminal, pauseAfter } from './schedule.ts';
import type { Due } from './schedule.ts';

type SourcePlan = Plan<DocSourceStatus>;

/** Whether the artifact was made from the spec as it is. */
const isCurrent = ({ source }: Observed): boolean =>
  source.status?.artifact !== undefined && source.status.artifactHash === inputsHash(source);

function outdated(observed: Observed): PlannedCondition[] {
  if (observed.source.status?.artifact === undefined || isCurrent(observed)) return [];
  return [yes('ArtifactOutdated', 'SpecChanged', 'the documents were fetched for an older spec')];
}

/** What is said while a look is under way: a source that is fine stays ready, one that failed stays failed. */
function during(observed: Observed, plan: SourcePlan): SourcePlan {
  const { status } = observed.source;
  const failure = status?.conditions?.find(({ type }) => type === 'FetchFailed');
  if (failure !== undefined && status?.failures !== undefined) {
    const kept = yes('FetchFailed', failure.reason, failure.message);
    const { reason, message } = failure;
    return { ...plan, verdict: { name: 'retrying', reason, message }, conditions: [...plan.conditions, kept] };
  }
  if (!isCurrent(observed)) return plan;
  return { ...plan, verdict: { name: 'ready', reason: 'Fetched', message: readyMessage(observed) }, phase: 'Ready' };
}

const readyMessage = ({ source: { status } }: Observed): string =>
  tellReady(status?.artifact?.revision ?? '', status?.documents);

/** Pages that did not answer are a gap that must be seen. */
const tellReady = (revision: string, documents: DocSourceStatus['documents']): string =>
  `${documents?.total ?? 0} documents of ${revision} are ready${tellUnanswered(documents?.unanswered ?? { kept: 0, missing: 0 })}`;

function suspend({ jobs }: Observed): SourcePlan {
  const message = 'suspended: set spec.suspend to false to go on';
  return paused('Suspended', message, {
    conditions: [yes('Suspended', 'Suspended', message)],
    actions: removeActions(liveJobs(jobs), 'Foreground'),
  });
}

function start(observed: Observed, { desired }: Due, { run }: StepOf<'fetch-documents', 'start'>): SourcePlan {
  const { source, jobs, claim, settings } = observed;
  const conditions = outdated(observed);
  const created: SourcePlan = progressing('RunCreated', `run "${run.name}" is created`, {
    phase: 'Queued',
    conditions,
    status: { run },
    actions: [
      ...claimActions(claim, source, settings.store),
      ...removeActions(staleJobs(jobs, run.name), 'Background'),
      ...startActions(fetcherRun(source, desired, settings), settings),
    ],
    progress: {},
  });
  return storeLeaving(claim, conditions) ?? during(observed, created);
}

function publish(observed: Observed, step: StepOf<'fetch-documents', 'succeeded'>): SourcePlan {
  const { source, jobs } = observed;
  const { run, result } = step;
  const { revision, documents } = result.summary;
  const completionTime = run.completionTime ?? '';
  const artifact = published(result.artifact, revision, source.status?.artifact, completionTime);
  const isNew = artifact.digest !== source.status?.artifact?.digest;
  const message = tellReady(revision, documents);
  return ready('Fetched', message, {
    status: { run, artifact, documents, artifactHash: run.inputsHash, lastFetchTime: completionTime, failures: null },
    actions: removeActions(staleJobs(jobs, run.name), 'Background'),
    events: isNew ? [{ type: 'Normal', reason: 'ArtifactChanged', message }] : [],
    progress: { progress: { percent: 100 } },
    requeueAfterSeconds: pauseAfter(run, source.spec.interval, 0),
  });
}

function fail(observed: Observed, { seconds }: Due, { run, isNew }: StepOf<'fetch-documents', 'failed'>): SourcePlan {
  const { spec, status } = observed.source;
  const failures = (status?.failures ?? 0) + (isNew ? 1 : 0);
  const wait = isNew ? pauseAfter(run, spec.interval, failures) : seconds;
  const { reason = 'Failed', message: cause = 'no message' } = run;
  const again = isTerminal(run)
    ? `tried again each ${spec.interval}, and when the spec changes`
    : 'tried again by itself';
  const message = `run "${run.name}" failed: ${cause}; ${again}`;
  const verdict = isTerminal(run) ? stalled<DocSourceStatus> : retrying<DocSourceStatus>;
  return verdict(reason, message, {
    phase: 'Failed',
    conditions: [...outdated(observed), yes('FetchFailed', reason, message)],
    status: isNew ? { run, failures } : {},
    requeueAfterSeconds: wait,
  });
}

function keep(observed: Observed, { seconds }: Due): SourcePlan {
  const { source, jobs, claim, settings } = observed;
  return ready('Fetched', readyMessage(observed), {
    actions: [
      ...removeActions(staleJobs(jobs, source.status?.run?.name), 'Background'),
      ...claimActions(claim, source, settings.store),
    ],
    requeueAfterSeconds: seconds,
  });
}

function carryOut(observed: Observed, next: Due, step: Step<'fetch-documents'>): SourcePlan {
  const conditions = outdated(observed);
  switch (step.step) {
    case 'keep':
      return keep(observed, next);
    case 'start':
      return start(observed, next, step);
    case 'clear':
      return clearing(step, conditions);
    case 'wait':
      return stopping(step, conditions);
    case 'pending':
      return during(observed, pending(step.pending, conditions, { run: step.run }));
    case 'running': {
      const options = { phase: 'Running', conditions, status: { run: step.run } };
      return during(observed, progressing('Fetching', runningMessage('fetching documents', step), options));
    }
    case 'failed':
      return fail(observed, next, step);
    case 'succeeded':
      return publish(observed, step);
  }
}

/** Decide what a DocSource needs next. Pure: the same observation always gives the same plan. */
export function plan(observed: Observed): SourcePlan {
  const { source, jobs, now } = observed;
  if (source.spec.suspend) return suspend(observed);
  const next = due(source, now);
  const { run } = source.status ?? {};
  const step = nextStep({
    worker: 'fetch-documents',
    desired: next.desired,
    recorded: run,
    published: run?.state === 'Succeeded' ? run.name : undefined,
    jobs,
    isFinishedFirst: false,
    hints: hints(source),
    now: now.getTime(),
  });
  const decided = step === undefined ? keep(observed, next) : carryOut(observed, next, step);
  return { ...decided, status: { ...decided.status, source: sourceLine(source.spec) } };
}
