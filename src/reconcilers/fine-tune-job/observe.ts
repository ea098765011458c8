import type { Dataset, FineTuneJob } from '../../api/v1alpha1/index.ts';
import type { Claim } from '../../controller/kinds.ts';
import type { ClusterReader } from '../../controller/reconciler.ts';
import { datasets } from '../kinds.ts';
import type { ReconcilerSettings } from '../settings.ts';
import { observeJobs } from '../shared/observed-job.ts';
import type { ObservedJob } from '../shared/observed-job.ts';
import { runSettings } from '../shared/run-settings.ts';
import type { RunSettings } from '../shared/run-settings.ts';
import { observeClaim } from '../shared/store-claim.ts';

export interface Observed {
  job: FineTuneJob;
  dataset: Dataset | undefined;
  jobs: readonly ObservedJob[];
  claim: Claim | undefined;
  settings: RunSettings;
  now: Date;
}

export function observe(reader: ClusterReader, job: FineTuneJob, settings: ReconcilerSettings): Observed {
  return {
    job,
    dataset: reader.get(datasets, job.metadata.namespace, job.spec.datasetRef.name),
    jobs: observeJobs(reader, job),
    claim: observeClaim(reader, job),
    settings: runSettings(settings),
    now: reader.now(),
  };
}
