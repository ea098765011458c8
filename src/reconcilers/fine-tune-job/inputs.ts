import type { FineTuneJob, Lineage } from '../../api/v1alpha1/index.ts';
import type { Artifact } from '../../api/v1alpha1/index.ts';
import { baseModelIdentity } from '../shared/base-model.ts';
import { hashOf } from '../shared/hash.ts';
import { decidingParameters } from './parameters/resolve.ts';

/** What decides the adapter. How often it is saved or reported, and on what machine it is trained, is not in it. */
export function inputsHash({ spec }: FineTuneJob, datasetDigest: string, initAdapter?: string): string {
  return hashOf({
    parameters: decidingParameters(spec),
    baseModel: baseModelIdentity(spec.baseModel),
    dataset: datasetDigest,
    initAdapter,
    // an image of one's own may train otherwise
    image: spec.runtime?.image,
  });
}

export const lineageOf = (job: FineTuneJob, { uri, digest }: Artifact, init?: Artifact): Lineage => ({
  inputsHash: inputsHash(job, digest, init?.digest),
  dataset: { name: job.spec.datasetRef.name, uri, digest },
  baseModel: job.spec.baseModel,
  ...(init === undefined
    ? {}
    : { initAdapter: { name: job.spec.initAdapterFrom?.jobRef.name ?? '', uri: init.uri, digest: init.digest } }),
});
