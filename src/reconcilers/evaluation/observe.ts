import type { Evaluation, FineTuneJob } from '../../api/v1alpha1/index.ts';
import type { Claim, ConfigMap } from '../../controller/kinds.ts';
import type { ClusterReader } from '../../controller/reconciler.ts';
import { fineTuneJobs } from '../kinds.ts';
import type { ReconcilerSettings } from '../settings.ts';
import { observeJobs } from '../shared/observed-job.ts';
import type { ObservedJob } from '../shared/observed-job.ts';
import { runSettings } from '../shared/run-settings.ts';
import type { RunSettings } from '../shared/run-settings.ts';
import { observeClaim } from '../shared/store-claim.ts';
import { otherJobs } from './inputs.ts';
import type { Jobs } from './inputs.ts';
import { observePromoted } from './promotion/config-map.ts';

export interface Observed {
  evaluation: Evaluation;
  fineTuneJob: FineTuneJob | undefined;
  /** the other jobs that the spec names */
  otherJobs?: Jobs;
  jobs: readonly ObservedJob[];
  claim: Claim | undefined;
  /** what others read of the promoted adapter */
  promotedMap: ConfigMap | undefined;
  settings: RunSettings;
  now: Date;
}

export function observe(reader: ClusterReader, evaluation: Evaluation, settings: ReconcilerSettings): Observed {
  const { metadata, spec } = evaluation;
  return {
    evaluation,
    fineTuneJob: reader.get(fineTuneJobs, metadata.namespace, spec.jobRef.name),
    otherJobs: Object.fromEntries(
      otherJobs(spec).map((name) => [name, reader.get(fineTuneJobs, metadata.namespace, name)]),
    ),
    jobs: observeJobs(reader, evaluation),
    claim: observeClaim(reader, evaluation),
    promotedMap: observePromoted(reader, evaluation),
    settings: runSettings(settings),
    now: reader.now(),
  };
}
