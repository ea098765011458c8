import type { EvaluationStatus, FineTuneJob, Origin } from '../../../api/v1alpha1/index.ts';
import { baseModelName } from '../../shared/base-model.ts';
import { known } from '../../shared/figures.ts';

/** `registry/path@sha256:…`: unlike a tag it never means anything else. */
function ociOf({ published = [] }: NonNullable<FineTuneJob['status']>): string | undefined {
  const found = published.find(({ name }) => name === 'adapter' || name === 'model');
  // the colon of a tag stands behind the last slash, that of a port before it
  return found && `${found.reference.replace(/:[^:/]*$/, '')}@${found.digest}`;
}

/** What a promotion tells of the adapter of a job. */
export function originOfJob(job: FineTuneJob | undefined): Origin {
  const { artifactRun, lineage, baseModelRevision, method, exports = [] } = job?.status ?? {};
  return known({
    trainingRun: artifactRun,
    datasetDigest: lineage?.dataset.digest,
    baseModel: lineage && baseModelName(lineage.baseModel),
    baseModelRevision,
    method: method?.chosen,
    oci: ociOf(job?.status ?? {}),
    merged: exports.some(({ name }) => name === 'merged') ? true : undefined,
  });
}

/** The same of an adapter that a status tells of. */
export function originOf(told: EvaluationStatus['subject'] | Origin): Origin {
  const { trainingRun, datasetDigest, baseModel, baseModelRevision, method, oci, merged } = told ?? {};
  return known({ trainingRun, datasetDigest, baseModel, baseModelRevision, method, oci, merged });
}
