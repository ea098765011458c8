import type { ComputeResources, Dataset, DatasetSpec } from '../../api/v1alpha1/index.ts';
import { parseDuration } from '../../api/v1alpha1/index.ts';
import type { GenerateInput } from '../../contract/inputs.ts';
import { secretFile } from '../shared/base-model.ts';
import type { WorkerRun } from '../shared/worker-run.ts';
import type { Hints } from '../shared/pending.ts';
import type { Mount } from '../shared/worker-run.ts';
import type { RunSettings } from '../shared/run-settings.ts';
import type { DesiredRun } from '../shared/run.ts';
import type { SourceArtifact } from './inputs.ts';

const resources: ComputeResources = { gpus: 0 };
const least = { cpu: '100m', memory: '256Mi' };
/** failed pods after which a run has failed; the worker itself retries single requests */
const backoffLimit = 4;

const keyOf = ({ generator }: DatasetSpec) => generator.openai?.apiKeySecretRef;

export function hints({ spec }: Dataset): Hints {
  const key = keyOf(spec);
  const secret = `secret "${key?.name ?? ''}" with the key "${key?.key ?? ''}" (spec.generator.openai.apiKeySecretRef)`;
  return { resources: undefined, deadline: 'ask for fewer rows', mounts: key === undefined ? [] : [secret] };
}

function generatorInput({ generator }: DatasetSpec): GenerateInput['generator'] {
  const { openai } = generator;
  if (openai === undefined) return { extractive: {} };
  const { baseURL, model, apiKeySecretRef: key, temperature, maxTokens, concurrency, timeout } = openai;
  return {
    openai: {
      baseURL,
      model,
      ...(key === undefined ? {} : { apiKeyFile: secretFile(key.name, key.key) }),
      temperature: Number(temperature),
      maxTokens,
      concurrency,
      timeoutSeconds: parseDuration(timeout),
    },
  };
}

export function generateInput(
  { metadata, spec }: Dataset,
  run: DesiredRun,
  sources: readonly SourceArtifact[],
): GenerateInput {
  const { chunking, rows, split, gates, budget } = spec;
  return {
    version: 1,
    run: { namespace: metadata.namespace ?? '', name: run.name, id: run.id },
    sources: sources.map(({ name, artifact: { uri, digest } }) => ({ name, artifact: { uri, digest } })),
    generator: generatorInput(spec),
    chunking,
    rows,
    split: {
      ...split,
      train: Number(split.train),
      validation: Number(split.validation),
      test: Number(split.test),
      recall: Number(split.recall),
    },
    gates,
    budget: { maxTokens: budget.maxTokens ?? null },
  };
}

export function generatorRun(
  dataset: Dataset,
  run: DesiredRun,
  sources: readonly SourceArtifact[],
  { images }: RunSettings,
): WorkerRun {
  const key = keyOf(dataset.spec);
  const mounts: Mount[] = key === undefined ? [] : [{ secret: key.name, keys: [key.key] }];
  return {
    owner: dataset,
    run,
    image: images.operator,
    command: ['node', '/opt/doctune/workers/generate-dataset.mjs'],
    input: generateInput(dataset, run, sources),
    mounts,
    resources,
    requests: least,
    backoffLimit,
    lineage: sources.map(({ name, artifact: { digest } }) => ({ name, digest })),
  };
}
