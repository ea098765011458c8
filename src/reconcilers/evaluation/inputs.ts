import { evaluation } from '../../api/v1alpha1/index.ts';
import type { Artifact, Evaluation, EvaluationSpec, FineTuneJob, Lineage, Origin } from '../../api/v1alpha1/index.ts';
import { baseModelIdentity } from '../shared/base-model.ts';
import { hashOf } from '../shared/hash.ts';
import { nonDefaults } from '../shared/non-defaults.ts';
import { incumbentOf } from './promotion/incumbent.ts';
import { originOfJob } from './promotion/origin.ts';

/** What a job has made, and what it was made from. */
export interface Model {
  adapter: Artifact;
  lineage: Lineage;
  /** of the run that made it, the last one; earlier ones lie beside it */
  checkpoint?: { uri: string; step: number } | undefined;
}

/** The adapter that is measured, and the models beside it. */
export interface Subject extends Model {
  baseline?: Model;
  candidates?: Readonly<Record<string, Model>>;
  /** what a promotion tells of the adapter; a run of an older version kept none */
  origin?: Origin;
  /** the promoted adapter, which it would take the place of */
  incumbent?: Artifact;
}

/** Jobs by their names; of those beside spec.jobRef. */
export type Jobs = Readonly<Record<string, FineTuneJob | undefined>>;

function modelOf(job: FineTuneJob | undefined): Model | undefined {
  const { artifact, lineage, checkpoint, run, artifactRun } = job?.status ?? {};
  if (artifact === undefined || lineage === undefined) return undefined;
  const { uri, step } = checkpoint ?? {};
  const isOfAdapter = run?.name === artifactRun && uri !== undefined && step !== undefined;
  return { adapter: artifact, lineage, ...(isOfAdapter ? { checkpoint: { uri, step } } : {}) };
}

/** Jobs besides spec.jobRef that a spec names. */
export const otherJobs = ({ baselineRef, candidates }: EvaluationSpec): string[] => [
  ...new Set([baselineRef, ...candidates.map(({ jobRef }) => jobRef)].flatMap((ref) => (ref ? [ref.name] : []))),
];

/** The first job beside spec.jobRef that has no model yet. */
export const missingJob = ({ spec }: Evaluation, jobs: Jobs): string | undefined =>
  otherJobs(spec).find((name) => modelOf(jobs[name]) === undefined);

/** All that is measured; undefined until every job has a model. */
export function subjectOf(job: FineTuneJob | undefined, evaluation?: Evaluation, jobs: Jobs = {}): Subject | undefined {
  const own = modelOf(job);
  if (own === undefined || evaluation === undefined) return own;
  const origin = originOfJob(job);
  if (missingJob(evaluation, jobs) !== undefined) return undefined;
  const { baselineRef, candidates } = evaluation.spec;
  const baseline = modelOf(jobs[baselineRef?.name ?? '']);
  const models = candidates.flatMap(({ name, jobRef }) => {
    const model = jobRef === undefined ? own : modelOf(jobs[jobRef.name]);
    return model === undefined ? [] : [[name, model] as const];
  });
  const incumbent = incumbentOf(evaluation, own.adapter.digest);
  return {
    ...own,
    origin,
    ...(incumbent === undefined ? {} : { incumbent }),
    ...(baseline === undefined ? {} : { baseline }),
    ...(models.length === 0 ? {} : { candidates: Object.fromEntries(models) }),
  };
}

/** reason of a judge that was left with questions because they would have cost too much */
export const budgetExhausted = 'BudgetExhausted';

const asked = nonDefaults<EvaluationSpec>(evaluation.spec);

/** Tells how a judge was asked, with what is no input of a run: its key, its proxy, its pace. */
export const judgeDigest = ({ judge }: EvaluationSpec): string | undefined =>
  judge === undefined ? undefined : hashOf(asked({ judge })).slice(0, 16);

/**
 * What makes another attempt at the same inputs: an edited judge, while an endpoint has refused a part of the questions, as a
 * key is no input. An edit of anything else, such as the gate, finds the results that there are. A budget is an input, and is
 * not spent twice for an edit of something else.
 */
export function attemptOf({ spec, status }: Evaluation): string {
  const { judge, resultsRun = '' } = status ?? {};
  const { reason, asked: before } = judge?.stopped ?? {};
  const now = judgeDigest(spec);
  if (before === undefined || now === undefined || before === now || reason === budgetExhausted) return '';
  // by the run too, so that one who goes back to an earlier judge does not find its old run
  return `${resultsRun}/${now}`;
}

/** What of a model decides its answers; a checkpoint only where one is asked for. */
const modelIdentity = ({ adapter, lineage }: Model, step?: number) => ({
  adapter: adapter.digest,
  dataset: lineage.dataset.digest,
  baseModel: baseModelIdentity(lineage.baseModel),
  ...(step === undefined ? {} : { step }),
});

/** What of a judge decides what it says: neither keys nor the pace of its endpoint. */
function judgeIdentity(judge: EvaluationSpec['judge']): EvaluationSpec['judge'] {
  if (judge === undefined) return undefined;
  const { baseURL, model, maxTokens, headers } = judge.openai;
  const openai = { baseURL, model, maxTokens, ...(headers === undefined ? {} : { headers }) };
  return { ...judge, openai: openai as typeof judge.openai };
}

/** What decides the results. The gate is not in it: it judges results that are there. */
export function inputsHash({ spec }: Evaluation, subject: Subject): string {
  const others = spec.candidates.flatMap(({ name, checkpoint }) => {
    const model = subject.candidates?.[name];
    if (model === undefined) return [];
    return [[name, modelIdentity(model, checkpoint === 'Last' ? model.checkpoint?.step : undefined)] as const];
  });
  return hashOf({
    parameters: asked({
      dataset: spec.dataset,
      settings: spec.settings,
      metrics: spec.metrics,
      maxSamples: spec.maxSamples,
      bootstrapSamples: spec.bootstrapSamples,
      seed: spec.seed,
      candidates: spec.candidates,
      benchmarks: spec.benchmarks,
      people: spec.people,
      experiment: spec.experiment,
      serving: spec.serving,
      judge: judgeIdentity(spec.judge),
    }),
    ...modelIdentity(subject),
    ...(subject.incumbent === undefined ? {} : { incumbent: subject.incumbent.digest }),
    ...(subject.baseline === undefined ? {} : { baseline: modelIdentity(subject.baseline) }),
    ...(others.length === 0 ? {} : { others: Object.fromEntries(others) }),
  });
}
