import type { EvaluationSpec, EvaluationStatus } from '../../api/v1alpha1/index.ts';
import type { Job } from '../../controller/kinds.ts';
import { ready } from '../../controller/plan.ts';
import type { Plan, PlannedCondition } from '../../controller/plan.ts';
import { removeActions } from '../shared/job.ts';
import { staleJobs } from '../shared/next-step.ts';
import { published, shortDigest } from '../shared/publication.ts';
import { runAnnotations } from '../shared/run.ts';
import { claimActions } from '../shared/store-claim.ts';
import { yes } from '../shared/waiting.ts';
import type { StepOf } from '../shared/waiting.ts';
import { degenerateProblem, judge } from './gate.ts';
import type { Subject } from './inputs.ts';
import type { Observed } from './observe.ts';
import { finalProgress } from './progress.ts';
import { figuresOf, headlineOf } from './results.ts';

type EvaluationPlan = Plan<EvaluationStatus>;
type Adapter = EvaluationStatus['adapter'];

/** What the run measured, as its Job tells it. */
function subjectOf(job: Job): Subject | undefined {
  try {
    return JSON.parse(job.metadata.annotations?.[runAnnotations.lineage] ?? '') as Subject;
  } catch {
    return undefined;
  }
}

/** The figures that a gate judges. */
export type Figures = Pick<EvaluationStatus, 'results' | 'degenerate' | 'contaminated'>;

function verdictOf({ gate, maxDegenerate }: EvaluationSpec, { results = [], degenerate }: Figures): PlannedCondition {
  const { passed, failedRules } = judge({ gate, maxDegenerate }, results, degenerate);
  if (!passed) {
    const message = `the gate keeps the adapter back: ${failedRules.join('; ')}`;
    const reason = degenerateProblem({ maxDegenerate }, degenerate) === undefined ? 'RulesBroken' : 'Degenerate';
    return { type: 'GatePassed', status: 'False', reason, message };
  }
  if (gate !== undefined) return yes('GatePassed', 'RulesKept', 'all rules of spec.gate hold');
  return yes('GatePassed', 'NoGate', 'there is no spec.gate, so nothing holds it back');
}

function contaminatedQuestions({ contaminated = {} }: Figures): PlannedCondition[] {
  const counts = Object.entries(contaminated).map(([split, count]) => `${count} of "${split}"`);
  if (counts.length === 0) return [];
  const message = `questions stand in the trained rows and are left out of the figures: ${counts.join(', ')}: hold other rows back`;
  return [yes('Contaminated', 'TrainedQuestions', message)];
}

/** What is to be said of the results that are there. */
export function gateConditions({ evaluation: { spec } }: Observed, figures: Figures): PlannedCondition[] {
  if (figures.results === undefined) return [];
  const problem = degenerateProblem(spec, figures.degenerate);
  const degenerate = problem === undefined ? [] : [yes('Degenerate', 'DegenerateAnswers', problem)];
  return [verdictOf(spec, figures), ...degenerate, ...contaminatedQuestions(figures)];
}

/** The status fields that follow from results and gate, whether these are new or judged again. */
function judged({ evaluation, now }: Observed, { results = [], degenerate }: Figures, adapter: Adapter) {
  const { spec, status } = evaluation;
  const gate = judge(spec, results, degenerate);
  const isPromoted = gate.passed && adapter !== undefined;
  const isSame = status?.promoted?.artifact.digest === adapter?.digest;
  const since = `${now.toISOString().slice(0, 19)}Z`;
  return {
    gate,
    headline: headlineOf(results, spec, gate.passed),
    ...(isPromoted && !isSame ? { promoted: { artifact: adapter, since } } : {}),
  };
}

function readyMessage({ evaluation: { spec } }: Observed, { results = [], degenerate }: Figures): string {
  const { passed } = judge(spec, results, degenerate);
  const { recall, delta } = headlineOf(results, spec, passed);
  const figures =
    recall === undefined ? `${results.length} results` : `BLEU on recall ${recall} (${delta ?? 'no'} against base)`;
  if (spec.gate === undefined && passed) return `${figures}, no gate`;
  return `${figures}, ${passed ? 'the gate let it pass' : 'the gate kept it back'}`;
}

/** The run has come to a good end: its figures are judged and kept. */
export function publish(observed: Observed, step: StepOf<'evaluate', 'succeeded'>): EvaluationPlan {
  const { evaluation, jobs } = observed;
  const { run, job, result } = step;
  const { artifact, summary } = result;
  const figures = figuresOf(summary);
  const subject = subjectOf(job);
  const record = published(artifact, shortDigest(artifact.digest), evaluation.status?.report, run.completionTime ?? '');
  const digests = subject && { adapterDigest: subject.adapter.digest, datasetDigest: subject.lineage.dataset.digest };
  return ready('Evaluated', readyMessage(observed, figures), {
    conditions: gateConditions(observed, figures),
    status: {
      run,
      resultsRun: run.name,
      results: figures.results,
      degenerate: figures.degenerate ?? null,
      contaminated: figures.contaminated ?? null,
      candidates: figures.candidates ?? null,
      notes: figures.notes ?? null,
      report: record,
      subject: digests ?? null,
      adapter: subject?.adapter ?? null,
      ...judged(observed, figures, subject?.adapter),
    },
    actions: removeActions(staleJobs(jobs, run.name), 'Background'),
    progress: finalProgress(evaluation.status ?? {}),
  });
}

/** The results for the present inputs are there; the gate may be a new one. */
export function keep(observed: Observed): EvaluationPlan {
  const { evaluation, jobs, claim, settings } = observed;
  const { adapter, run, resultsRun, ...figures } = evaluation.status ?? {};
  return ready('Evaluated', readyMessage(observed, figures), {
    conditions: gateConditions(observed, { results: [], ...figures }),
    status: judged(observed, figures, adapter),
    actions: [
      ...removeActions(staleJobs(jobs, run?.name ?? resultsRun), 'Background'),
      ...claimActions(claim, evaluation, settings.store),
    ],
  });
}
