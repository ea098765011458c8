import { evaluation } from '../../api/v1alpha1/index.ts';
import type { Artifact, Evaluation, EvaluationSpec, FineTuneJob, Lineage } from '../../api/v1alpha1/index.ts';
import { baseModelIdentity } from '../shared/base-model.ts';
import { hashOf } from '../shared/hash.ts';
import { nonDefaults } from '../shared/non-defaults.ts';

/** The adapter that is measured, and what it was made from. */
export interface Subject {
  adapter: Artifact;
  lineage: Lineage;
}

export function subjectOf(job: FineTuneJob | undefined): Subject | undefined {
  const { artifact, lineage } = job?.status ?? {};
  return artifact === undefined || lineage === undefined ? undefined : { adapter: artifact, lineage };
}

const asked = nonDefaults<EvaluationSpec>(evaluation.spec);

/** What decides the results. The gate is not in it: it judges results that are there. */
export function inputsHash({ spec }: Evaluation, { adapter, lineage }: Subject): string {
  const { dataset, settings, metrics, maxSamples, bootstrapSamples, seed } = spec;
  return hashOf({
    parameters: asked({ dataset, settings, metrics, maxSamples, bootstrapSamples, seed }),
    adapter: adapter.digest,
    dataset: lineage.dataset.digest,
    baseModel: baseModelIdentity(lineage.baseModel),
  });
}
