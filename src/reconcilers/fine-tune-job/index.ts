import type { FineTuneJob, FineTuneJobStatus } from '../../api/v1alpha1/index.ts';
import { services } from '../../controller/kinds.ts';
import { byOwner, byReference } from '../../controller/reconciler.ts';
import type { Reconciler } from '../../controller/reconciler.ts';
import { datasets, fineTuneJobs } from '../kinds.ts';
import type { ReconcilerSettings } from '../settings.ts';
import { ownSelector } from '../shared/run.ts';
import { childWatches } from '../shared/watches.ts';
import { observe } from './observe.ts';
import type { Observed } from './observe.ts';
import { plan } from './plan.ts';
import { progressFields } from './progress.ts';

export { progressStatus } from './progress.ts';

export const fineTuneJobReconciler = (
  settings: ReconcilerSettings,
): Reconciler<FineTuneJob, Observed, FineTuneJobStatus> => ({
  kind: fineTuneJobs,
  watches: [
    ...childWatches(fineTuneJobs),
    byOwner(fineTuneJobs, services, ownSelector),
    byReference(datasets),
    byReference(fineTuneJobs),
  ],
  references: ({ metadata: { namespace }, spec: { datasetRef, initAdapterFrom } }) => [
    { kind: datasets, namespace, name: datasetRef.name },
    ...(initAdapterFrom === undefined ? [] : [{ kind: fineTuneJobs, namespace, name: initAdapterFrom.jobRef.name }]),
  ],
  progressFields,
  observe: (reader, job) => observe(reader, job, settings),
  plan,
});
