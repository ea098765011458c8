import type { Artifact, FineTuneJobStatus, Lineage, Run } from '../../api/v1alpha1/index.ts';
import type { Job } from '../../controller/kinds.ts';
import type { Plan, PlannedCondition } from '../../controller/plan.ts';
import { desiredRun, runAnnotations } from '../shared/run.ts';
import type { DesiredRun } from '../shared/run.ts';
import { yes } from '../shared/waiting.ts';
import { inputsHash } from './inputs.ts';
import type { Observed } from './observe.ts';
import { holdOf } from './retrain.ts';

export type FineTunePlan = Plan<FineTuneJobStatus>;

/** What a run is made from, once all of it is there: the rows, and the adapter to begin with where one is asked for. */
export function inputsOf({ dataset, init }: Observed): { rows: Artifact; init: Artifact | undefined } | undefined {
  const rows = dataset?.status?.artifact;
  const adapter = init?.job?.status?.artifact;
  return rows === undefined || (init !== undefined && adapter === undefined) ? undefined : { rows, init: adapter };
}

/** The run that spec, dataset and requests ask for; undefined while something of it is missing. */
export function wanted(observed: Observed): DesiredRun | undefined {
  const { job, now } = observed;
  const inputs = inputsOf(observed);
  if (inputs === undefined) return undefined;
  const desired = desiredRun(job, 'train', inputsHash(job, inputs.rows.digest, inputs.init?.digest));
  const { artifactRun, run } = job.status ?? {};
  if (artifactRun === undefined || holdOf(job, now) === undefined) return desired;
  // a request goes before the policy, from the moment it is made until its run has given an adapter
  const isAskedFor = desired.requestedAt !== run?.requestedAt;
  const isAnswering = run?.name !== artifactRun && run?.requestedAt !== undefined;
  return isAskedFor || isAnswering ? desired : { ...desired, name: artifactRun };
}

/** Whether the adapter was made from other inputs than those that are there now. */
export function isOutdated(observed: Observed): boolean {
  const { lineage } = observed.job.status ?? {};
  const inputs = inputsOf(observed);
  if (lineage === undefined || inputs === undefined) return false;
  return lineage.inputsHash !== inputsHash(observed.job, inputs.rows.digest, inputs.init?.digest);
}

const outdatedMessage = 'the adapter was made from an older dataset, base model or parameters';

export const outdated = (observed: Observed): PlannedCondition[] =>
  isOutdated(observed) ? [yes('ArtifactOutdated', 'InputsChanged', outdatedMessage)] : [];

function parseLineage(job: Job | undefined): Lineage | undefined {
  const text = job?.metadata.annotations?.[runAnnotations.lineage];
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Lineage);
  } catch {
    return undefined;
  }
}

/** A run as the status keeps it, with what it is made from. */
export function recorded({ job: { status } }: Observed, { run, job }: { run: Run; job: Job | undefined }) {
  const lineage = parseLineage(job) ?? (status?.run?.name === run.name ? status.run.lineage : undefined);
  return { ...run, ...(lineage === undefined ? {} : { lineage }) };
}
