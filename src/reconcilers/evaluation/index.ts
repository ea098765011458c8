import type { Evaluation, EvaluationStatus } from '../../api/v1alpha1/index.ts';
import { byReference } from '../../controller/reconciler.ts';
import type { Reconciler } from '../../controller/reconciler.ts';
import { evaluations, fineTuneJobs } from '../kinds.ts';
import type { ReconcilerSettings } from '../settings.ts';
import { childWatches } from '../shared/watches.ts';
import { trafficFinalizer } from './ab-test/deletion.ts';
import { otherJobs } from './inputs.ts';
import { observe } from './observe.ts';
import type { Observed } from './observe.ts';
import { plan } from './plan.ts';
import { progressFields } from './progress.ts';

export { progressStatus } from './progress.ts';

export const evaluationReconciler = (
  settings: ReconcilerSettings,
): Reconciler<Evaluation, Observed, EvaluationStatus> => ({
  kind: evaluations,
  watches: [...childWatches(evaluations), byReference(fineTuneJobs)],
  references: ({ metadata, spec }) =>
    [spec.jobRef.name, ...otherJobs(spec)].map((name) => ({ kind: fineTuneJobs, namespace: metadata.namespace, name })),
  finalizer: trafficFinalizer,
  progressFields,
  observe: (reader, evaluation) => observe(reader, evaluation, settings),
  plan,
});
