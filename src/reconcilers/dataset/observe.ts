import type { Dataset, DocSource } from '../../api/v1alpha1/index.ts';
import type { Claim } from '../../controller/kinds.ts';
import type { ClusterReader } from '../../controller/reconciler.ts';
import { docSources } from '../kinds.ts';
import type { ReconcilerSettings } from '../settings.ts';
import { observeJobs } from '../shared/observed-job.ts';
import type { ObservedJob } from '../shared/observed-job.ts';
import { runSettings } from '../shared/run-settings.ts';
import type { RunSettings } from '../shared/run-settings.ts';
import { observeClaim } from '../shared/store-claim.ts';

export interface ObservedSource {
  name: string;
  /** undefined if it does not exist */
  source: DocSource | undefined;
}

export interface Observed {
  dataset: Dataset;
  /** in the order of spec.sourceRefs; none for rows that were made elsewhere */
  sources: readonly ObservedSource[];
  jobs: readonly ObservedJob[];
  claim: Claim | undefined;
  settings: RunSettings;
  now: Date;
}

export function observe(reader: ClusterReader, dataset: Dataset, settings: ReconcilerSettings): Observed {
  const { namespace } = dataset.metadata;
  return {
    dataset,
    sources: (dataset.spec.sourceRefs ?? []).map(({ name }) => ({
      name,
      source: reader.get(docSources, namespace, name),
    })),
    jobs: observeJobs(reader, dataset),
    claim: observeClaim(reader, dataset),
    settings: runSettings(settings),
    now: reader.now(),
  };
}
