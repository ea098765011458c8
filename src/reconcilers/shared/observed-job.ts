import { jobs as jobKind, pods as podKind } from '../../controller/kinds.ts';
import type { Job, Pod } from '../../controller/kinds.ts';
import type { ClusterReader } from '../../controller/reconciler.ts';
import { kindLabel, labels } from './run.ts';
import type { Errand, Owner } from './run.ts';

/** A Job of ours with its pods, the oldest first. */
export interface ObservedJob {
  job: Job;
  pods: readonly Pod[];
}

const createdAt = ({ metadata }: Pod): string => metadata.creationTimestamp ?? '';

/** The Jobs of all runs of an object, or those of an errand, as the caches have them. */
export function observeJobs(reader: ClusterReader, owner: Owner, errand?: Errand): ObservedJob[] {
  return reader
    .ownedBy(jobKind, owner as { metadata: { uid?: string } })
    .filter(({ metadata }) => metadata.labels?.[labels.kind] === kindLabel(owner, errand))
    .map((job) => ({
      job,
      pods: [...reader.ownedBy(podKind, job)].sort((a, b) => (createdAt(a) < createdAt(b) ? -1 : 1)),
    }));
}
