import type { Evaluation, EvaluationSpec, EvaluationStatus, Origin } from '../../api/v1alpha1/index.ts';
import type { Job } from '../../controller/kinds.ts';
import { ready } from '../../controller/plan.ts';
import type { Plan, PlannedCondition } from '../../controller/plan.ts';
import { timestamp } from '../../controller/status.ts';
import { known } from '../shared/figures.ts';
import { removeActions } from '../shared/job.ts';
import { staleJobs } from '../shared/next-step.ts';
import { published, shortDigest } from '../shared/publication.ts';
import { runAnnotations } from '../shared/run.ts';
import { claimActions } from '../shared/store-claim.ts';
import { yes } from '../shared/waiting.ts';
import type { StepOf } from '../shared/waiting.ts';
import { breaches, degenerateProblem, judge, judgedMetrics } from './gate.ts';
import type { Figures } from './gate.ts';
import { budgetExhausted } from './inputs.ts';
import type { Observed } from './observe.ts';
import { finalProgress } from './progress.ts';
import { originOf } from './promotion/origin.ts';
import { promote } from './promotion/promote.ts';
import type { Measured } from './render.ts';
import { keepOrAllow, moreSamples, readAnswers, writeAnswers } from './remedies.ts';
import { figuresOf, headlineOf, incumbentFigures } from './results.ts';

type EvaluationPlan = Plan<EvaluationStatus>;

/** What the run measured, as its Job tells it. */
function subjectOf(job: Job): Measured | undefined {
  try {
    return JSON.parse(job.metadata.annotations?.[runAnnotations.lineage] ?? '') as Measured;
  } catch {
    return undefined;
  }
}

/** What would let an inconclusive gate tell. */
function inconclusive(spec: EvaluationSpec, figures: Figures): Pick<PlannedCondition, 'reason' | 'message'> {
  const open = breaches(spec, figures);
  const text = `the gate cannot tell, so it keeps the adapter back: ${open.map((breach) => breach.text).join('; ')}`;
  const rest = figures.judge?.stopped;
  if (rest === undefined || !open.some((breach) => breach.open === 'rest')) {
    const splits = [...new Set(open.flatMap(({ split }) => split ?? []))];
    return { reason: 'Inconclusive', message: `${text}: ${moreSamples(spec, figures, splits)}` };
  }
  return { reason: 'Partial', message: `${text}: ${rest.message}` };
}

/**
 * Figures with the comparison only where it counts: with the adapter that is promoted still. Of the tuned adapter itself, once it
 * is promoted, there is nothing to say.
 */
function counting<T extends Figures>({ spec, status = {} }: Evaluation, figures: T): T {
  const { incumbent, ...others } = figures;
  const isPromoted = incumbent?.artifact.digest === status.promoted?.artifact.digest;
  return isPromoted && spec.gate?.notWorseThanPromoted === true ? figures : (others as T);
}

/** Why the gate failed, and what to do about each kind of breach. */
function failed(spec: EvaluationSpec, figures: Figures): Pick<PlannedCondition, 'reason' | 'message'> {
  const isDegenerate = degenerateProblem(spec, figures.degenerate) !== undefined;
  const { failedRules } = judge(spec, figures);
  const found = breaches(spec, figures);
  const isWorse = found.every((breach) => breach.isWorse ?? breach.open);
  const remedies = [
    ...(isDegenerate ? [readAnswers] : []),
    ...new Set(found.flatMap(({ remedy }) => remedy ?? [])),
    ...(found.some(({ isWorse }) => isWorse) ? [keepOrAllow] : []),
  ];
  const message = ['the gate keeps the adapter back', failedRules.join('; '), ...remedies].join(': ');
  return { reason: isDegenerate ? 'Degenerate' : isWorse ? 'WorseThanPromoted' : 'RulesBroken', message };
}

/** What a pass has not looked at. */
const unseen = ({ maxDegenerate }: EvaluationSpec, { degenerate }: Figures): string =>
  degenerate === undefined && Number(maxDegenerate) < 1 ? `; ${writeAnswers}` : '';

function verdictOf(spec: EvaluationSpec, figures: Figures): PlannedCondition {
  const { verdict } = judge(spec, figures);
  const type = 'GatePassed';
  if (verdict === 'Inconclusive') return { type, status: 'Unknown', ...inconclusive(spec, figures) };
  if (verdict === 'Failed') return { type, status: 'False', ...failed(spec, figures) };
  const left = unseen(spec, figures);
  if (spec.gate !== undefined) return yes(type, 'RulesKept', `all rules of spec.gate hold${left}`);
  return yes(type, 'NoGate', `there is no spec.gate, so nothing holds it back${left}`);
}

function contaminatedQuestions({ contaminated = {} }: Figures): PlannedCondition[] {
  const counts = Object.entries(contaminated).map(([split, count]) => `${count} of "${split}"`);
  if (counts.length === 0) return [];
  const message = `questions stand in the trained rows and are left out of the figures: ${counts.join(', ')}: hold other rows back`;
  return [yes('Contaminated', 'TrainedQuestions', message)];
}

/** Rules that nothing but a judge can compare, whose money nobody has promised for that. */
const judgedOnly = {
  reason: 'JudgedOnly',
  message:
    'all rules of spec.gate are about figures of the judge, which is not asked about the promoted adapter: add a rule about a metric of spec.metrics, or set gate.notWorseThanPromoted to false',
};

/** Why the rules alone have decided. */
function notCompared({ gate }: EvaluationSpec, { incumbent }: Figures): PlannedCondition[] {
  if (incumbent === undefined || gate?.notWorseThanPromoted !== true) return [];
  const isJudgedOnly = gate.rules.every(({ metric }) => judgedMetrics.includes(metric));
  const problem = incumbent.problem ?? (isJudgedOnly ? judgedOnly : undefined);
  if (problem === undefined) return [];
  const message = `the adapter was not compared with the one that was promoted: ${problem.message}`;
  return [yes('NotCompared', problem.reason, message)];
}

/** What keeps a judge from the rest of its questions; the budget of a run begins anew with another run alone. */
function partial({ judge: told }: Figures): PlannedCondition[] {
  if (told?.stopped === undefined) return [];
  const { asked, questions, stopped } = told;
  const remedy =
    stopped.reason === budgetExhausted ? '' : ', then ask again: what was judged is kept, and the rest alone is asked';
  const message = `the judge answered ${asked} of ${questions} questions, and its figures are of those alone: ${stopped.message}${remedy}`;
  return [yes('Partial', stopped.reason, message)];
}

/** What only the report tells. */
function shortened({ leftOut = [], report }: Figures): PlannedCondition[] {
  if (leftOut.length === 0) return [];
  const message = `the result had no room for all of ${leftOut.join(' and ')}: report.json of ${report?.uri ?? 'the report'} has all figures`;
  return [yes('Shortened', 'ReportHasMore', message)];
}

/** What is to be said of the results that are there. */
export function gateConditions({ evaluation }: Observed, found: Figures): PlannedCondition[] {
  if (found.results === undefined) return [];
  const { spec } = evaluation;
  const figures = counting(evaluation, found);
  const problem = degenerateProblem(spec, figures.degenerate);
  const degenerate =
    problem === undefined ? [] : [yes('Degenerate', 'DegenerateAnswers', `${problem}: ${readAnswers}`)];
  return [
    ...[verdictOf(spec, figures), ...notCompared(spec, found), ...degenerate, ...contaminatedQuestions(figures)],
    ...[...partial(figures), ...shortened(figures)],
  ];
}

/** What is judged: figures, of which run and adapter. */
interface Judged {
  figures: Figures;
  run: string | undefined;
  time: string;
  adapter: EvaluationStatus['adapter'];
  origin: Origin;
}

/** The status fields that follow from results and gate, whether these are new or judged again. */
function judged({ evaluation, now }: Observed, { figures, run, adapter, ...rest }: Judged) {
  const { results = [] } = figures;
  const gate = judge(evaluation.spec, counting(evaluation, figures));
  const headline = headlineOf(results, evaluation.spec, gate.verdict);
  if (adapter === undefined || run === undefined) return { gate, headline };
  const { recall, delta, unseen } = headline;
  const measured = { ...rest, run, adapter, verdict: gate.verdict, headline: known({ recall, delta, unseen }) };
  return { gate, headline, ...promote(evaluation, measured, now) };
}

const endings = {
  Passed: 'the gate let it pass',
  Failed: 'the gate kept it back',
  Inconclusive: 'inconclusive, so the gate kept it back',
};

function readyMessage({ evaluation }: Observed, found: Figures): string {
  const { spec } = evaluation;
  const figures = counting(evaluation, found);
  const { results = [] } = figures;
  const { verdict } = judge(spec, figures);
  const { recall, delta } = headlineOf(results, spec, verdict);
  const text =
    recall === undefined ? `${results.length} results` : `BLEU on recall ${recall} (${delta ?? 'no'} against base)`;
  const told = figures.judge?.stopped === undefined ? text : `${text}, judged in part`;
  if (spec.gate === undefined && verdict === 'Passed') return `${told}, no gate`;
  return `${told}, ${endings[verdict]}`;
}

/** The run has come to a good end: its figures are judged and kept. */
export function publish(observed: Observed, step: StepOf<'evaluate', 'succeeded'>): EvaluationPlan {
  const { evaluation, jobs } = observed;
  const { run, job, result } = step;
  const { artifact, summary } = result;
  const subject = subjectOf(job);
  const record = published(artifact, shortDigest(artifact.digest), evaluation.status?.report, run.completionTime ?? '');
  const incumbent = incumbentFigures(summary, subject?.incumbent);
  const figures = { ...figuresOf(summary, subject?.judge), ...known({ incumbent }), report: record };
  const { adapter, origin = {} } = subject ?? {};
  const digests = subject && {
    ...origin,
    adapterDigest: subject.adapter.digest,
    datasetDigest: subject.lineage.dataset.digest,
  };
  const time = run.completionTime ?? timestamp(observed.now);
  return ready('Evaluated', readyMessage(observed, figures), {
    conditions: gateConditions(observed, figures),
    status: {
      run,
      resultsRun: run.name,
      results: figures.results,
      degenerate: figures.degenerate ?? null,
      contaminated: figures.contaminated ?? null,
      candidates: figures.candidates ?? null,
      incumbent: incumbent ?? null,
      notes: figures.notes ?? null,
      leftOut: figures.leftOut ?? null,
      judge: figures.judge ?? null,
      serving: figures.serving ?? null,
      people: figures.people ?? null,
      benchmarks: figures.benchmarks ?? null,
      report: record,
      subject: digests ?? null,
      adapter: adapter ?? null,
      ...judged(observed, { figures, run: run.name, time, adapter, origin }),
    },
    actions: removeActions(staleJobs(jobs, run.name), 'Background'),
    progress: finalProgress(evaluation.status ?? {}),
  });
}

/** The results for the present inputs are there; the gate may be a new one. */
export function keep(observed: Observed): EvaluationPlan {
  const { evaluation, jobs, claim, settings } = observed;
  const { adapter, run, resultsRun, subject, history = [], ...figures } = evaluation.status ?? {};
  const time = history.find((entry) => entry.run === resultsRun)?.time ?? timestamp(observed.now);
  return ready('Evaluated', readyMessage(observed, figures), {
    conditions: gateConditions(observed, { results: [], ...figures }),
    status: judged(observed, { figures, run: resultsRun, time, adapter, origin: originOf(subject) }),
    actions: [
      ...removeActions(staleJobs(jobs, run?.name ?? resultsRun), 'Background'),
      ...claimActions(claim, evaluation, settings.store),
    ],
  });
}
