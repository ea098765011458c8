import { apiVersionOf, jobs, pods } from '../controller/kinds.ts';
import type { Job, ResourceKind } from '../controller/kinds.ts';
import type { KubernetesObject } from '../controller/object.ts';
import type { ClusterReader, ReconciledObject } from '../controller/reconciler.ts';
import type { PodIdentity } from './token-review.ts';

/** What a pod may report for. */
export interface ReportedRun {
  job: Job;
  object: ReconciledObject;
  kind: ResourceKind;
}

const isFinished = (job: Job): boolean =>
  (job.status?.conditions ?? []).some(
    ({ type, status }) => status === 'True' && (type === 'Complete' || type === 'Failed'),
  );

const isLive = (job: Job): boolean => job.metadata.deletionTimestamp === undefined && !isFinished(job);

const controllerOf = ({ metadata }: KubernetesObject) =>
  metadata.ownerReferences?.find(({ controller }) => controller === true);

/**
 * The run that a pod works for: the pod is controlled by a live Job, which is controlled by an object of one of the
 * kinds. Undefined when any link is missing or belongs to a namesake with another uid.
 */
export function runOfPod(
  reader: ClusterReader,
  kinds: readonly ResourceKind[],
  { namespace, name, uid }: PodIdentity,
): ReportedRun | undefined {
  const pod = reader.get(pods, namespace, name);
  if (pod?.metadata.uid !== uid) return undefined;
  const jobReference = controllerOf(pod);
  if (jobReference?.kind !== jobs.kind) return undefined;
  const job = reader.get(jobs, namespace, jobReference.name);
  if (job?.metadata.uid !== jobReference.uid || !isLive(job)) return undefined;
  const owner = controllerOf(job);
  const kind = kinds.find((one) => one.kind === owner?.kind && apiVersionOf(one) === owner.apiVersion);
  if (owner === undefined || kind === undefined) return undefined;
  const object = reader.get<ReconciledObject>(kind, namespace, owner.name);
  return object?.metadata.uid === owner.uid ? { job, object, kind } : undefined;
}
