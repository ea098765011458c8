import type { Evaluation } from '../../api/v1alpha1/index.ts';
import type { EvaluateInput } from '../../contract/inputs.ts';
import { baseModelHints, baseModelInput, baseModelMounts, baseModelReach, claimPath } from '../shared/base-model.ts';
import { resourceHints } from '../shared/placement.ts';
import type { WorkerRun } from '../shared/worker-run.ts';
import type { Hints } from '../shared/pending.ts';
import type { RunSettings } from '../shared/run-settings.ts';
import type { DesiredRun } from '../shared/run.ts';
import { hintsOfReferences, mountsOfReferences } from '../shared/references.ts';
import { benchmarkInputs, endpointsOf, judgeInput, peopleInput, referencesOf, servingInput } from './input-parts.ts';
import { judgeDigest } from './inputs.ts';
import type { Model, Subject } from './inputs.ts';

/** a small model on the CPU; what is larger says so in spec.resources */
const least = { cpu: '500m', memory: '2Gi' };

const candidateField = (name: string): string => `the job's spec.baseModel (spec.candidates "${name}")`;

/** Every model that a run loads, with the field that names its base. */
function modelsOf(subject: Subject): (Model & { field: string })[] {
  const { baseline, candidates = {} } = subject;
  return [
    { ...subject, field: "the job's spec.baseModel" },
    ...(baseline === undefined ? [] : [{ ...baseline, field: "the job's spec.baseModel (spec.baselineRef)" }]),
    ...Object.entries(candidates).map(([name, model]) => ({ ...model, field: candidateField(name) })),
  ];
}

const unique = <T>(values: readonly T[]): T[] => [
  ...new Map(values.map((value) => [JSON.stringify(value), value])).values(),
];

export const hints = ({ spec }: Evaluation, subject: Subject | undefined): Hints => ({
  ...resourceHints(spec.resources),
  deadline: 'lower spec.maxSamples',
  mounts: [
    ...(subject === undefined
      ? []
      : modelsOf(subject).flatMap(({ lineage, field }) => baseModelHints(lineage.baseModel, field))),
    ...hintsOfReferences(referencesOf(spec)),
  ],
});

/** Where the claim of a model is mounted: each claim has a place of its own. */
function placeOf({ lineage: { baseModel } }: Model, subject: Subject): string {
  const claims = unique(modelsOf(subject).flatMap(({ lineage }) => lineage.baseModel.claimRef ?? []));
  const place = claims.findIndex((claim) => JSON.stringify(claim) === JSON.stringify(baseModel.claimRef));
  return place < 1 ? claimPath : `${claimPath}-${String(place)}`;
}

/** What is kept with a Job: at its end the spec may have been edited. */
export interface Measured extends Subject {
  judge?: string;
}

function measuredBy({ spec }: Evaluation, subject: Subject): Measured {
  const judge = judgeDigest(spec);
  return { ...subject, ...(judge === undefined ? {} : { judge }) };
}

const pointer = ({ uri, digest }: { uri: string; digest: string }) => ({ uri, digest });

const modelInput = (model: Model, subject: Subject) => ({
  adapter: pointer(model.adapter),
  dataset: pointer(model.lineage.dataset),
  baseModel: baseModelInput(model.lineage.baseModel, placeOf(model, subject)),
});

/** Folder of the checkpoints that the last one lies in. */
const checkpointsOf = ({ checkpoint }: Model): string => checkpoint?.uri.replace(/\/[^/]*$/, '') ?? '';

function candidateInputs({ spec }: Evaluation, subject: Subject): EvaluateInput['candidates'] {
  const { candidates = {} } = subject;
  return spec.candidates.flatMap(({ name, checkpoint, export: form }) => {
    const model = candidates[name];
    if (model === undefined) return [];
    const step = checkpoint?.toLowerCase();
    return [
      {
        name,
        ...modelInput(model, subject),
        checkpoint: step === undefined ? null : { uri: checkpointsOf(model), step },
        export: form ?? null,
      },
    ];
  });
}

export function evaluateInput(evaluation: Evaluation, run: DesiredRun, subject: Subject): EvaluateInput {
  const { metadata, spec } = evaluation;
  const { dataset, settings, metrics, maxSamples, batchSize, bootstrapSamples, seed } = spec;
  return {
    version: 1,
    run: { namespace: metadata.namespace ?? '', name: run.name, id: run.id },
    ...modelInput(subject, subject),
    baseline: subject.baseline === undefined ? null : modelInput(subject.baseline, subject),
    candidates: candidateInputs(evaluation, subject),
    incumbent: subject.incumbent === undefined ? null : pointer(subject.incumbent),
    benchmarks: benchmarkInputs(spec),
    experiment: spec.experiment ?? null,
    serving: servingInput(spec),
    people: peopleInput(spec),
    judge: judgeInput(spec, run),
    splits: dataset.splits,
    settings,
    metrics,
    maxSamples,
    batchSize,
    bootstrapSamples,
    seed,
  };
}

export function evaluatorRun(
  evaluation: Evaluation,
  run: DesiredRun,
  subject: Subject,
  { images }: RunSettings,
): WorkerRun {
  const { resources, backoffLimit } = evaluation.spec;
  const models = modelsOf(subject);
  return {
    owner: evaluation,
    run,
    image: images.trainer,
    command: ['python', '-m', 'evaluator'],
    input: evaluateInput(evaluation, run, subject),
    mounts: unique([
      ...mountsOfReferences(referencesOf(evaluation.spec)),
      ...models.flatMap((model) => baseModelMounts(model.lineage.baseModel, placeOf(model, subject))),
    ]),
    reach: unique([
      ...endpointsOf(evaluation.spec).map(({ endpoint: { baseURL, proxy } }) => proxy ?? baseURL),
      ...models.flatMap(({ lineage }) => baseModelReach(lineage.baseModel)),
    ]),
    resources,
    requests: least,
    backoffLimit,
    lineage: measuredBy(evaluation, subject),
  };
}
