import type { Dataset, FineTuneJob } from '../../api/v1alpha1/index.ts';
import type { Claim } from '../../controller/kinds.ts';
import type { ClusterReader } from '../../controller/reconciler.ts';
import { datasets, fineTuneJobs } from '../kinds.ts';
import type { ReconcilerSettings } from '../settings.ts';
import { observeJobs } from '../shared/observed-job.ts';
import type { ObservedJob } from '../shared/observed-job.ts';
import { runSettings } from '../shared/run-settings.ts';
import type { RunSettings } from '../shared/run-settings.ts';
import { observeClaim } from '../shared/store-claim.ts';

export interface Observed {
  job: FineTuneJob;
  dataset: Dataset | undefined;
  /** the job whose adapter this one begins with, and whether it began, further back, with one of this job */
  init?: { job: FineTuneJob | undefined; isCircular: boolean } | undefined;
  jobs: readonly ObservedJob[];
  claim: Claim | undefined;
  settings: RunSettings;
  now: Date;
}

export function observe(reader: ClusterReader, job: FineTuneJob, settings: ReconcilerSettings): Observed {
  return {
    job,
    dataset: reader.get(datasets, job.metadata.namespace, job.spec.datasetRef.name),
    init: observeInit(reader, job),
    jobs: observeJobs(reader, job),
    claim: observeClaim(reader, job),
    settings: runSettings(settings),
    now: reader.now(),
  };
}

/** a longer chain is not looked at to its end: adapters of adapters are rarely more than a few */
const longestChain = 32;

function observeInit(reader: ClusterReader, job: FineTuneJob): Observed['init'] {
  const { namespace } = job.metadata;
  const nameOf = (one: FineTuneJob | undefined): string | undefined => one?.spec.initAdapterFrom?.jobRef.name;
  const first = nameOf(job);
  if (first === undefined) return undefined;
  let [name, isCircular]: [string | undefined, boolean] = [first, false];
  for (let length = 0; name !== undefined && length < longestChain && !isCircular; length += 1) {
    isCircular = name === job.metadata.name;
    name = nameOf(reader.get(fineTuneJobs, namespace, name));
  }
  return { job: reader.get(fineTuneJobs, namespace, first), isCircular };
}
