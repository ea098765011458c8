import type { Evaluation, FineTuneJob } from '../../api/v1alpha1/index.ts';
import type { Claim } from '../../controller/kinds.ts';
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
import { needsTraffic, observeTraffic } from './ab-test/observe.ts';
import type { Traffic } from './ab-test/observe.ts';
import { observeTold } from './promotion/config-map.ts';
import type { Told } from './promotion/config-map.ts';
import { observeTagOwner } from './promotion/tag-owner.ts';

export interface Observed {
  evaluation: Evaluation;
  fineTuneJob: FineTuneJob | undefined;
  /** the other jobs that the spec names */
  otherJobs?: Jobs;
  jobs: readonly ObservedJob[];
  /** an older Evaluation that moves the same tag, as `namespace/name` */
  tagOwner?: string | undefined;
  /** those that move the tag of the promoted adapter */
  tagJobs: readonly ObservedJob[];
  claim: Claim | undefined;
  /** what others read of adapters */
  told: Told;
  /** what was seen of the traffic, where a test needs it */
  traffic?: Traffic;
  settings: RunSettings;
  now: Date;
}

function observeCluster(reader: ClusterReader, evaluation: Evaluation, settings: ReconcilerSettings): Observed {
  const { metadata, spec } = evaluation;
  return {
    evaluation,
    fineTuneJob: reader.get(fineTuneJobs, metadata.namespace, spec.jobRef.name),
    otherJobs: Object.fromEntries(
      otherJobs(spec).map((name) => [name, reader.get(fineTuneJobs, metadata.namespace, name)]),
    ),
    jobs: observeJobs(reader, evaluation),
    tagJobs: observeJobs(reader, evaluation, 'tag'),
    tagOwner: observeTagOwner(reader, evaluation),
    claim: observeClaim(reader, evaluation),
    told: observeTold(reader, evaluation),
    settings: runSettings(settings),
    now: reader.now(),
  };
}

/** From the caches alone, but for a test under traffic: only then is anything asked of others. */
export function observe(
  reader: ClusterReader,
  evaluation: Evaluation,
  settings: ReconcilerSettings,
): Observed | Promise<Observed> {
  const observed = observeCluster(reader, evaluation, settings);
  if (!needsTraffic(evaluation)) return observed;
  return observeTraffic(evaluation, settings.abTests, observed.now).then((traffic) => ({ ...observed, traffic }));
}
