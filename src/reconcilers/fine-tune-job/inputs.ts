import { fineTuneJob } from '../../api/v1alpha1/index.ts';
import type { FineTuneJob, FineTuneJobSpec, Lineage } from '../../api/v1alpha1/index.ts';
import type { Artifact } from '../../api/v1alpha1/index.ts';
import { baseModelIdentity } from '../shared/base-model.ts';
import { hashOf } from '../shared/hash.ts';
import { nonDefaults } from '../shared/non-defaults.ts';

const asked = nonDefaults<FineTuneJobSpec>(fineTuneJob.spec);

/** What decides the adapter. How often it is saved or reported, and on what machine it is trained, is not in it. */
export function inputsHash({ spec }: FineTuneJob, datasetDigest: string): string {
  const { lora, training, earlyStopping, baseModel } = spec;
  const parameters = asked({ lora, training: { ...training, loggingSteps: 5 }, earlyStopping });
  return hashOf({ parameters, baseModel: baseModelIdentity(baseModel), dataset: datasetDigest });
}

export const lineageOf = (job: FineTuneJob, { uri, digest }: Artifact): Lineage => ({
  inputsHash: inputsHash(job, digest),
  dataset: { name: job.spec.datasetRef.name, uri, digest },
  baseModel: job.spec.baseModel,
});
