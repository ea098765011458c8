import { jobs as jobKind, pods as podKind } from '../../controller/kinds.ts';
import type { Job, Pod } from '../../controller/kinds.ts';
import type { ClusterReader } from '../../controller/reconciler.ts';
import type { Owner } from './run.ts';

/** A Job of ours with its pods, the oldest first. */
export interface ObservedJob {
  job: Job;
  pods: readonly Pod[];
}

const createdAt = ({ metadata }: Pod): string => metadata.creationTimestamp ?? '';

/** All Jobs of an object, as the caches have them. */
export function observeJobs(reader: ClusterReader, owner: Owner): ObservedJob[] {
  return reader.ownedBy(jobKind, owner as { metadata: { uid?: string } }).map((job) => ({
    job,
    pods: [...reader.ownedBy(podKind, job)].sort((a, b) => (createdAt(a) < createdAt(b) ? -1 : 1)),
  }));
}
