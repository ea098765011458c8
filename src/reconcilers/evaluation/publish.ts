import type { EvaluationStatus, ResultStatus } from '../../api/v1alpha1/index.ts';
import type { Job } from '../../controller/kinds.ts';
import { ready } from '../../controller/plan.ts';
import type { Plan, PlannedCondition } from '../../controller/plan.ts';
import { removeActions } from '../shared/job.ts';
import { staleJobs } from '../shared/next-step.ts';
import { published, shortDigest } from '../shared/publication.ts';
import { runAnnotations } from '../shared/run.ts';
import { claimActions } from '../shared/store-claim.ts';
import type { StepOf } from '../shared/waiting.ts';
import { judge } from './gate.ts';
import type { Subject } from './inputs.ts';
import type { Observed } from './observe.ts';
import { finalProgress } from './progress.ts';
import { headlineOf, resultStatus } from './results.ts';

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

/** What the gate says of the results that are there. */
export function gateConditions(
  { evaluation: { spec } }: Observed,
  results: readonly ResultStatus[] | undefined,
): PlannedCondition[] {
  if (results === undefined) return [];
  const { passed, failedRules } = judge(spec.gate, results);
  if (spec.gate === undefined) {
    return [
      {
        type: 'GatePassed',
        status: 'True',
        reason: 'NoGate',
        message: 'there is no spec.gate, so nothing holds it back',
      },
    ];
  }
  if (passed)
    return [{ type: 'GatePassed', status: 'True', reason: 'RulesKept', message: 'all rules of spec.gate hold' }];
  const message = `spec.gate keeps the adapter back: ${failedRules.join('; ')}`;
  return [{ type: 'GatePassed', status: 'False', reason: 'RulesBroken', message }];
}

/** The status fields that follow from results and gate, whether these are new or judged again. */
function judged({ evaluation, now }: Observed, results: readonly ResultStatus[], adapter: Adapter) {
  const { spec, status } = evaluation;
  const gate = judge(spec.gate, results);
  const isPromoted = gate.passed && adapter !== undefined;
  const isSame = status?.promoted?.artifact.digest === adapter?.digest;
  const since = `${now.toISOString().slice(0, 19)}Z`;
  return {
    gate,
    headline: headlineOf(results, spec, gate.passed),
    ...(isPromoted && !isSame ? { promoted: { artifact: adapter, since } } : {}),
  };
}

function readyMessage({ evaluation: { spec } }: Observed, results: readonly ResultStatus[]): string {
  const { passed } = judge(spec.gate, results);
  const { recall, delta } = headlineOf(results, spec, passed);
  const figures =
    recall === undefined ? `${results.length} results` : `BLEU on recall ${recall} (${delta ?? 'no'} against base)`;
  if (spec.gate === undefined) return `${figures}, no gate`;
  return `${figures}, ${passed ? 'the gate let it pass' : 'the gate kept it back'}`;
}

/** The run has come to a good end: its figures are judged and kept. */
export function publish(observed: Observed, step: StepOf<'evaluate', 'succeeded'>): EvaluationPlan {
  const { evaluation, jobs } = observed;
  const { run, job, result } = step;
  const { artifact, summary } = result;
  const results = summary.results.map(resultStatus);
  const subject = subjectOf(job);
  const record = published(artifact, shortDigest(artifact.digest), evaluation.status?.report, run.completionTime ?? '');
  const digests = subject && { adapterDigest: subject.adapter.digest, datasetDigest: subject.lineage.dataset.digest };
  return ready('Evaluated', readyMessage(observed, results), {
    conditions: gateConditions(observed, results),
    status: {
      run,
      resultsRun: run.name,
      results,
      report: record,
      subject: digests ?? null,
      adapter: subject?.adapter ?? null,
      ...judged(observed, results, subject?.adapter),
    },
    actions: removeActions(staleJobs(jobs, run.name), 'Background'),
    progress: finalProgress(evaluation.status ?? {}),
  });
}

/** The results for the present inputs are there; the gate may be a new one. */
export function keep(observed: Observed): EvaluationPlan {
  const { evaluation, jobs, claim, settings } = observed;
  const { results = [], adapter, run, resultsRun } = evaluation.status ?? {};
  return ready('Evaluated', readyMessage(observed, results), {
    conditions: gateConditions(observed, results),
    status: judged(observed, results, adapter),
    actions: [
      ...removeActions(staleJobs(jobs, run?.name ?? resultsRun), 'Background'),
      ...claimActions(claim, evaluation, settings.store),
    ],
  });
}
