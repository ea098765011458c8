import type { DocSource, DocSourceStatus } from '../../api/v1alpha1/index.ts';
import type { Reconciler } from '../../controller/reconciler.ts';
import { docSources } from '../kinds.ts';
import type { ReconcilerSettings } from '../settings.ts';
import { childWatches } from '../shared/watches.ts';
import { observe } from './observe.ts';
import type { Observed } from './observe.ts';
import { plan } from './plan.ts';
import { progressFields } from './progress.ts';

export { progressStatus } from './progress.ts';

export const docSourceReconciler = (
  settings: ReconcilerSettings,
): Reconciler<DocSource, Observed, DocSourceStatus> => ({
  kind: docSources,
  watches: childWatches(docSources),
  progressFields,
  observe: (reader, source) => observe(reader, source, settings),
  plan,
});
