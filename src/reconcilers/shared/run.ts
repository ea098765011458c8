import { annotations as apiAnnotations, apiVersion } from '../../api/v1alpha1/index.ts';
import type { Resource, Run } from '../../api/v1alpha1/index.ts';
import type { Job } from '../../controller/kinds.ts';
import { hashOf } from './hash.ts';

/** An object of one of the kinds, whichever. */
export type Owner = Resource<object, { run?: Run | undefined }>;

export type Stage = 'fetch' | 'generate' | 'train' | 'evaluate' | 'tag';

/** The run that the inputs of an object ask for. */
export interface DesiredRun {
  /** name of the Job and of its ConfigMap */
  name: string;
  /** names the folder of the run in the store */
  id: string;
  stage: Stage;
  inputsHash: string;
  generation: number;
  requestedAt: string | undefined;
}

export const labels = {
  managedBy: 'app.kubernetes.io/managed-by',
  kind: 'doctune.dev/kind',
  name: 'doctune.dev/name',
  run: 'doctune.dev/run',
} as const;

/**
 * Work for an object beside its runs, such as to move a tag. Its Jobs, pods and policy have a label of their own, so that no
 * run is taken for it and it for no run.
 */
export type Errand = 'tag';

/** The value of `labels.kind`. */
export const kindLabel = ({ kind }: Pick<Owner, 'kind'>, errand?: Errand): string =>
  errand === undefined ? kind.toLowerCase() : `${kind.toLowerCase()}-${errand}`;

/** Labels of an object that its Jobs get too. */
export const queueLabel = 'kueue.x-k8s.io/queue-name';
export const queueLabelNames = [queueLabel, 'kueue.x-k8s.io/priority-class'] as const;

/** Selects everything that the operator made; the caches hold nothing else. */
export const ownSelector = { labels: `${labels.managedBy}=doctune` };

/** What a Job says of its run, so that a lost write of the status loses nothing. */
export const runAnnotations = {
  id: 'doctune.dev/run-id',
  inputsHash: 'doctune.dev/inputs-hash',
  generation: 'doctune.dev/generation',
  requestedAt: 'doctune.dev/requested-at',
  lineage: 'doctune.dev/lineage',
  checkpointStep: 'doctune.dev/checkpoint-step',
  checkpointTime: 'doctune.dev/checkpoint-time',
} as const;

/** That an object goes when its owner goes. */
export const ownerReference = ({ kind, metadata }: Owner) => ({
  apiVersion,
  kind,
  name: metadata.name,
  uid: metadata.uid ?? '',
  controller: true,
  blockOwnerDeletion: true,
});

// a pod of a run with several has the name of the run and its index as its host name, of 63 characters at most
const maxNameLength = 60;

export function runName(owner: Owner, stage: Stage, id: string): string {
  const ending = `-${stage}-${id.slice(0, 8)}`;
  // dots are allowed in names of objects, but the name of a pod is a host name as well
  const start = owner.metadata.name.replaceAll('.', '-').slice(0, maxNameLength - ending.length);
  return start.replace(/-+$/, '') + ending;
}

/**
 * The run for these inputs. A request counts until another one comes, also when its annotation is removed again. `tick`
 * tells runs with equal inputs apart.
 */
export function desiredRun(owner: Owner, stage: Stage, inputsHash: string, tick = ''): DesiredRun {
  const { metadata, kind, status } = owner;
  const last = status?.run;
  const requestedAt = metadata.annotations?.[apiAnnotations.reconcileRequestedAt] ?? last?.requestedAt;
  const generation = metadata.generation ?? 0;
  const isSameRequest = last?.inputsHash === inputsHash && last.requestedAt === requestedAt;
  // a request after a failure goes on with the same run, since its checkpoints and cached answers are worth keeping
  const isRetry = last?.inputsHash === inputsHash && last.state === 'Failed';
  const id = hashOf({ kind, name: metadata.name, inputsHash, tick, requestedAt }).slice(0, 16);
  const isKept = tick === '' && (isSameRequest || isRetry);
  const name = isKept ? last.name : runName(owner, stage, id);
  return { name, id: isKept ? last.id : id, stage, inputsHash, generation, requestedAt };
}

/** The record of a run whose Job was started. */
export const startedRun = ({ name, id, inputsHash, generation, requestedAt }: DesiredRun): Run => ({
  name,
  id,
  inputsHash,
  generation,
  ...(requestedAt === undefined ? {} : { requestedAt }),
  state: 'Running',
});

/** The record of the run that a Job belongs to, as the Job itself tells it. */
export function runOf(job: Job): Run {
  const told = job.metadata.annotations ?? {};
  const requestedAt = told[runAnnotations.requestedAt];
  return {
    name: job.metadata.name,
    id: told[runAnnotations.id] ?? '',
    inputsHash: told[runAnnotations.inputsHash] ?? '',
    generation: Number(told[runAnnotations.generation] ?? 0),
    ...(requestedAt === undefined ? {} : { requestedAt }),
    state: 'Running',
    ...(job.status?.startTime === undefined ? {} : { startTime: job.status.startTime }),
  };
}

export const isSameAttempt = (a: Run, b: Run): boolean =>
  a.name === b.name && a.generation === b.generation && a.requestedAt === b.requestedAt;
