import type { DocSource } from '../../api/v1alpha1/index.ts';
import type { Claim } from '../../controller/kinds.ts';
import type { ClusterReader } from '../../controller/reconciler.ts';
import type { ReconcilerSettings } from '../settings.ts';
import { observeJobs } from '../shared/observed-job.ts';
import type { ObservedJob } from '../shared/observed-job.ts';
import { runSettings } from '../shared/run-settings.ts';
import type { RunSettings } from '../shared/run-settings.ts';
import { observeClaim } from '../shared/store-claim.ts';

export interface Observed {
  source: DocSource;
  jobs: readonly ObservedJob[];
  claim: Claim | undefined;
  settings: RunSettings;
  now: Date;
}

export const observe = (reader: ClusterReader, source: DocSource, settings: ReconcilerSettings): Observed => ({
  source,
  jobs: observeJobs(reader, source),
  claim: observeClaim(reader, source),
  settings: runSettings(settings),
  now: reader.now(),
});
