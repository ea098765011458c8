import { dataset } from '../../api/v1alpha1/index.ts';
import type { Artifact, Dataset, DatasetSpec } from '../../api/v1alpha1/index.ts';
import { hashOf } from '../shared/hash.ts';
import { nonDefaults } from '../shared/non-defaults.ts';
import type { ObservedSource } from './observe.ts';

export interface SourceArtifact {
  name: string;
  /** where the documents come from, in one line */
  url: string;
  artifact: Artifact;
}

/** The documents of all sources; undefined while one of them has none. */
export function artifactsOf(sources: readonly ObservedSource[]): SourceArtifact[] | undefined {
  const found = sources.flatMap(({ name, source }) => {
    const artifact = source?.status?.artifact;
    return artifact === undefined ? [] : [{ name, url: source?.status?.source ?? '', artifact }];
  });
  return found.length === sources.length ? found : undefined;
}

const asked = nonDefaults<DatasetSpec>(dataset.spec);

type Endpoint = NonNullable<NonNullable<DatasetSpec['generator']>['openai']>;

/** How an endpoint is reached, and how fast, decides nothing; what it is asked for does. */
function endpointIdentity(endpoint: Partial<Endpoint>): Partial<Endpoint> {
  const { baseURL, model, temperature, questionTemperature, steps, maxTokens, maxContextTokens } = endpoint;
  return { baseURL, model, temperature, questionTemperature, steps, maxTokens, maxContextTokens } as Partial<Endpoint>;
}

function modelsOf({ generator, judge, knowledgeGap }: DatasetSpec): Partial<DatasetSpec> {
  return {
    generator: generator && { ...generator, openai: generator.openai && endpointIdentity(generator.openai) },
    judge: judge && { ...judge, openai: endpointIdentity(judge.openai) },
    knowledgeGap: knowledgeGap && { openai: endpointIdentity(knowledgeGap.openai) },
  } as Partial<DatasetSpec>;
}

/** Whether the run makes the sample that waits for approval. */
export const isPreview = ({ preview }: DatasetSpec): boolean => preview !== undefined && !preview.approve;

/** What decides the rows. The version before decides only how far the next one may grow, so it is not in it. */
export function inputsHash({ spec }: Dataset, sources: readonly SourceArtifact[]): string {
  const parameters = { ...spec, suspend: undefined, sourceRefs: undefined, preview: undefined };
  const sample = isPreview(spec) ? { preview: { chunks: spec.preview?.chunks } } : {};
  const digests = sources.map(({ name, artifact }) => [name, artifact.digest]).sort();
  return hashOf({
    parameters: asked({ ...parameters, ...modelsOf(spec) }),
    ...sample,
    digests,
  });
}
