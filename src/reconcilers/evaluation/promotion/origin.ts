import type { EvaluationStatus, FineTuneJob, Origin } from '../../../api/v1alpha1/index.ts';
import { baseModelName } from '../../shared/base-model.ts';
import { known } from '../../shared/figures.ts';

/** What a promotion tells of the adapter of a job. */
export function originOfJob(job: FineTuneJob | undefined): Origin {
  const { artifactRun, lineage, baseModelRevision, method, exports = [] } = job?.status ?? {};
  return known({
    trainingRun: artifactRun,
    datasetDigest: lineage?.dataset.digest,
    baseModel: lineage && baseModelName(lineage.baseModel),
    baseModelRevision,
    method: method?.chosen,
    merged: exports.some(({ name }) => name === 'merged') ? true : undefined,
  });
}

/** The same of an adapter that a status tells of. */
export function originOf(told: EvaluationStatus['subject'] | Origin): Origin {
  const { trainingRun, datasetDigest, baseModel, baseModelRevision, method, merged } = told ?? {};
  return known({ trainingRun, datasetDigest, baseModel, baseModelRevision, method, merged });
}
