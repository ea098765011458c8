import type { Dataset, DatasetSpec } from '../../api/v1alpha1/index.ts';
import type { GenerateInput } from '../../contract/inputs.ts';
import { endpointInput, pricesInput } from '../shared/endpoint.ts';
import type { DesiredRun } from '../shared/run.ts';
import { isPreview } from './inputs.ts';
import type { SourceArtifact } from './inputs.ts';
import { pathOf } from './mounts.ts';

type Shaping = Pick<GenerateInput, 'augmentation' | 'mixture' | 'growth' | 'parent' | 'formats' | 'review'>;

function generatorInput({ generator }: DatasetSpec): GenerateInput['generator'] {
  if (generator === undefined) return null;
  const { openai } = generator;
  if (openai === undefined) return { extractive: {} };
  const { temperature, questionTemperature, steps } = openai;
  return {
    openai: {
      ...endpointInput(openai),
      temperature: Number(temperature),
      questionTemperature: Number(questionTemperature),
      steps,
    },
  };
}

function writingInput(spec: DatasetSpec) {
  const { tasks, language, personas, judge, knowledgeGap } = spec;
  return {
    tasks,
    language,
    personas,
    prompts: pathOf(spec, 'spec.promptsRef'),
    judge:
      judge === undefined
        ? null
        : {
            endpoint: endpointInput(judge.openai),
            minRelevance: judge.minRelevance,
            requireSelfContained: judge.requireSelfContained,
            votes: judge.votes,
            calibration: pathOf(spec, 'spec.judge.calibrationRef'),
          },
    knowledgeGap: knowledgeGap === undefined ? null : { endpoint: endpointInput(knowledgeGap.openai) },
  };
}

function chunkingInput(spec: DatasetSpec): GenerateInput['chunking'] {
  const { tokenizer, ...rest } = spec.chunking;
  const path = pathOf(spec, 'spec.chunking.tokenizer');
  const builtIn = tokenizer?.builtIn;
  return { ...rest, tokenizer: builtIn === undefined ? (path === null ? null : { path }) : { builtIn } };
}

function shapingInput(spec: DatasetSpec, parent: SourceArtifact['artifact'] | undefined): Shaping {
  const { augmentation, mixture, growth, formats, review } = spec;
  const general = pathOf(spec, 'spec.mixture.general');
  return {
    augmentation:
      augmentation === undefined
        ? null
        : {
            copies: augmentation.copies,
            synonym: Number(augmentation.synonym),
            swap: Number(augmentation.swap),
            delete: Number(augmentation.delete),
          },
    mixture: mixture === undefined || general === null ? null : { general, domainWeight: Number(mixture.domainWeight) },
    growth: growth === undefined ? null : { maxFraction: Number(growth.maxFraction) },
    parent: parent === undefined ? null : { uri: parent.uri, digest: parent.digest },
    formats,
    review: review === undefined ? null : { sample: review.sample, verdicts: pathOf(spec, 'spec.review.verdictsRef') },
  };
}

function importInput(spec: DatasetSpec): GenerateInput['importFrom'] {
  const path = pathOf(spec, 'spec.importFrom');
  if (spec.importFrom === undefined || path === null) return null;
  const { format, historyTurns = null, screening } = spec.importFrom;
  return { path, format, historyTurns, screening };
}

function qualityInput(spec: DatasetSpec) {
  const { duplicates, ...checks } = spec.quality;
  const { dates, numbers } = spec.consistency;
  return {
    quality: { ...checks, duplicates: { question: Number(duplicates.question), row: Number(duplicates.row) } },
    consistency: { dates, numbers, glossary: pathOf(spec, 'spec.consistency.glossaryRef') },
  };
}

function limitsInput({ gates, budget }: DatasetSpec): Pick<GenerateInput, 'gates' | 'budget'> {
  const { maxTokens = null, maxCost, prices } = budget;
  return {
    gates: {
      minRows: gates.minRows,
      minAcceptRate: Number(gates.minAcceptRate),
      minCoverage: Number(gates.minCoverage),
      maxDuplicateRate: Number(gates.maxDuplicateRate),
      maxFailedChunks: Number(gates.maxFailedChunks),
    },
    budget: {
      maxTokens,
      maxCost: maxCost === undefined ? null : Number(maxCost),
      prices: pricesInput(prices),
    },
  };
}

/** What the worker of a run is told. Nothing in it is secret. */
export function generateInput(
  { metadata, spec, status }: Dataset,
  run: DesiredRun,
  sources: readonly SourceArtifact[],
): GenerateInput {
  const { split } = spec;
  return {
    version: 1,
    run: { namespace: metadata.namespace ?? '', name: run.name, id: run.id },
    sources: sources.map(({ name, url, artifact: { uri, digest, revision } }) => ({
      name,
      artifact: { uri, digest },
      url,
      revision,
    })),
    importFrom: importInput(spec),
    generator: generatorInput(spec),
    ...writingInput(spec),
    chunking: chunkingInput(spec),
    rows: spec.rows,
    ...qualityInput(spec),
    split: {
      ...split,
      train: Number(split.train),
      validation: Number(split.validation),
      test: Number(split.test),
      recall: Number(split.recall),
    },
    ...shapingInput(spec, status?.artifact),
    ...limitsInput(spec),
    preview: isPreview(spec) && spec.preview !== undefined ? { chunks: spec.preview.chunks } : null,
  };
}
