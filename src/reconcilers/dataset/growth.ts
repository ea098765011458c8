import { parseDuration } from '../../api/v1alpha1/index.ts';
import type { Dataset } from '../../api/v1alpha1/index.ts';
import { desiredRun } from '../shared/run.ts';
import type { DesiredRun } from '../shared/run.ts';
import { inputsHash } from './inputs.ts';
import type { SourceArtifact } from './inputs.ts';

/** The run whose rows stay although the documents have changed, and until when. */
export interface Held {
  run: DesiredRun;
  until: Date;
}

/**
 * A growing dataset takes new documents up once an interval. Only documents are held off: with a changed spec the rows of
 * the artifact are not what is asked for, and a request goes before the interval.
 */
export function heldBack(dataset: Dataset, sources: readonly SourceArtifact[], now: Date): Held | undefined {
  const { spec, status } = dataset;
  const { artifact, artifactRun, run } = status ?? {};
  if (spec.growth === undefined || artifact === undefined) return undefined;
  const until = new Date(Date.parse(artifact.lastUpdateTime) + parseDuration(spec.growth.interval) * 1000);
  const digests = new Map(status?.sources?.map(({ name, digest }) => [name, digest]));
  const before = sources.map((source) => ({
    ...source,
    artifact: { ...source.artifact, digest: digests.get(source.name) ?? source.artifact.digest },
  }));
  const kept = desiredRun(dataset, 'generate', inputsHash(dataset, before));
  const isAskedFor = kept.requestedAt !== run?.requestedAt;
  return until > now && kept.name === artifactRun && !isAskedFor ? { run: kept, until } : undefined;
}
