import type { FineTuneJobStatus, Lineage, Run } from '../../api/v1alpha1/index.ts';
import type { Job } from '../../controller/kinds.ts';
import type { Plan, PlannedCondition } from '../../controller/plan.ts';
import { desiredRun, runAnnotations } from '../shared/run.ts';
import type { DesiredRun } from '../shared/run.ts';
import { yes } from '../shared/waiting.ts';
import { inputsHash } from './inputs.ts';
import type { Observed } from './observe.ts';
import { holdOf } from './retrain.ts';

export type FineTunePlan = Plan<FineTuneJobStatus>;

/** The run that spec, dataset and requests ask for; undefined while there is no dataset. */
export function wanted({ job, dataset, now }: Observed): DesiredRun | undefined {
  const artifact = dataset?.status?.artifact;
  if (artifact === undefined) return undefined;
  const desired = desiredRun(job, 'train', inputsHash(job, artifact.digest));
  const { artifactRun, run } = job.status ?? {};
  if (artifactRun === undefined || holdOf(job, now) === undefined) return desired;
  // a request goes before the policy, from the moment it is made until its run has given an adapter
  const isAskedFor = desired.requestedAt !== run?.requestedAt;
  const isAnswering = run?.name !== artifactRun && run?.requestedAt !== undefined;
  return isAskedFor || isAnswering ? desired : { ...desired, name: artifactRun };
}

/** Whether the adapter was made from other inputs than those that are there now. */
export function isOutdated({ job, dataset }: Observed): boolean {
  const { lineage } = job.status ?? {};
  const digest = dataset?.status?.artifact?.digest;
  return lineage !== undefined && digest !== undefined && lineage.inputsHash !== inputsHash(job, digest);
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
