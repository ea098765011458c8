import { dataset } from '../../api/v1alpha1/index.ts';
import type { Artifact, Dataset, DatasetSpec } from '../../api/v1alpha1/index.ts';
import { hashOf } from '../shared/hash.ts';
import { nonDefaults } from '../shared/non-defaults.ts';
import type { ObservedSource } from './observe.ts';

export interface SourceArtifact {
  name: string;
  artifact: Artifact;
}

/** The documents of all sources; undefined while one of them has none. */
export function artifactsOf(sources: readonly ObservedSource[]): SourceArtifact[] | undefined {
  const found = sources.flatMap(({ name, source }) => {
    const artifact = source?.status?.artifact;
    return artifact === undefined ? [] : [{ name, artifact }];
  });
  return found.length === sources.length ? found : undefined;
}

const asked = nonDefaults<DatasetSpec>(dataset.spec);

/** How the endpoint is reached decides nothing; what it is asked for does. */
function generatorIdentity({ extractive, openai }: DatasetSpec['generator']) {
  if (openai === undefined) return { extractive };
  const { baseURL, model, temperature, maxTokens } = openai;
  return { openai: { baseURL, model, temperature, maxTokens } };
}

/** What decides the rows. */
export function inputsHash({ spec }: Dataset, sources: readonly SourceArtifact[]): string {
  const { generator, chunking, rows, split, gates, budget } = spec;
  const digests = sources.map(({ name, artifact }) => [name, artifact.digest]).sort();
  return hashOf({
    parameters: asked({ chunking, rows, split, gates, budget }),
    generator: generatorIdentity(generator),
    digests,
  });
}
