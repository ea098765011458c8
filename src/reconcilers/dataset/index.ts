import type { Dataset, DatasetStatus } from '../../api/v1alpha1/index.ts';
import { byReference } from '../../controller/reconciler.ts';
import type { Reconciler } from '../../controller/reconciler.ts';
import { datasets, docSources } from '../kinds.ts';
import type { ReconcilerSettings } from '../settings.ts';
import { childWatches } from '../shared/watches.ts';
import { observe } from './observe.ts';
import type { Observed } from './observe.ts';
import { plan } from './plan.ts';
import { progressFields } from './progress.ts';

export { progressStatus } from './progress.ts';

export const datasetReconciler = (settings: ReconcilerSettings): Reconciler<Dataset, Observed, DatasetStatus> => ({
  kind: datasets,
  watches: [...childWatches(datasets), byReference(docSources)],
  references: ({ metadata, spec }) =>
    (spec.sourceRefs ?? []).map(({ name }) => ({ kind: docSources, namespace: metadata.namespace, name })),
  progressFields,
  observe: (reader, dataset) => observe(reader, dataset, settings),
  plan,
});
