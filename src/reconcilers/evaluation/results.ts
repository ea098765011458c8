import type { Artifact, EvaluationSpec, EvaluationStatus, ResultStatus, Verdict } from '../../api/v1alpha1/index.ts';
import type { EvaluationResult } from '../../contract/evaluation-result.ts';
import type { Success } from '../../contract/result.ts';
import { figureOf, figuresOf as strings, known } from '../shared/figures.ts';

const notTold = {
  reason: 'NotTold',
  message: 'the evaluator told nothing of the promoted adapter: let operator and image be of the same version',
};

function resultStatus(row: EvaluationResult, settings: readonly string[]): ResultStatus {
  const [metric, split, setting, base, tuned, delta, low, high, samples, p, verdict] = row;
  return {
    metric,
    split,
    setting: settings[setting] ?? '',
    ...strings({ base, tuned, delta }),
    ...(low === null || high === null ? {} : { ci95: [low, high].map(figureOf) }),
    samples,
    ...strings({ p }),
    verdict,
  };
}

function benchmarkFigures(row: Success<'evaluate'>['summary']['benchmarks'][number]) {
  const { name, metric, base, tuned, items, lost, gained } = row;
  return {
    ...{ name, items },
    ...strings({ base, tuned }),
    ...known({ metric, lost: lost ?? undefined, gained: gained ?? undefined }),
  };
}

function servingFigures(row: Success<'evaluate'>['summary']['serving'][number]) {
  const { model, concurrency, ttftP50, ttftP90, ttftP99, tokenP50, tokensPerSecond, requestsPerSecond } = row;
  const { failed, modelBytes, peakMemoryBytes, peakGpuMemoryBytes, costPerThousand } = row;
  return {
    ...{ model, concurrency, ttftP50: figureOf(ttftP50), ttftP90: figureOf(ttftP90), ttftP99: figureOf(ttftP99) },
    ...{ tokenP50: figureOf(tokenP50), tokensPerSecond: figureOf(tokensPerSecond) },
    ...strings({ requestsPerSecond, costPerThousand }),
    ...known({ failed, modelBytes, peakMemoryBytes, peakGpuMemoryBytes }),
  };
}

function peopleFigures(people: NonNullable<Success<'evaluate'>['summary']['people']>) {
  const { items, raters, wins, ties, losses, ...shares } = people;
  return { items, raters, wins, ties, losses, ...strings(shares) };
}

function judgeFigures(judge: NonNullable<Success<'evaluate'>['summary']['judge']>, digest: string | undefined) {
  const { asked, questions, unreadable, isPartial, learned, forgotten, ...others } = judge;
  const { stopped, ...shares } = others;
  return {
    ...{ asked, questions, unreadable, isPartial },
    ...known({
      stopped: stopped === null ? undefined : { ...stopped, ...known({ asked: digest }) },
      learned: learned ?? undefined,
      forgotten: forgotten ?? undefined,
    }),
    ...strings(shares),
  };
}

/** How it does beside the adapter that was promoted; an evaluator of another version may tell nothing of it. */
export function incumbentFigures(
  { incumbent, settings }: Success<'evaluate'>['summary'],
  artifact: Artifact | undefined,
): EvaluationStatus['incumbent'] {
  if (artifact === undefined) return undefined;
  const { compared, worse, more, problem } = incumbent ?? { compared: 0, worse: [], more: 0, problem: notTold };
  return {
    artifact,
    compared,
    worse: worse.map((row) => resultStatus(row, settings)),
    ...(more === 0 ? {} : { more }),
    ...known({ problem }),
  };
}

/** The figures of a run as the status keeps them; `digest` tells how its judge was asked. */
export function figuresOf(summary: Success<'evaluate'>['summary'], digest?: string) {
  const { results, settings, degenerate, contaminated, candidates, notes, judge, benchmarks, serving, people } =
    summary;
  const { leftOut } = summary;
  const { recall, test } = contaminated;
  const tableOf = (rows: readonly EvaluationResult[]): ResultStatus[] => rows.map((row) => resultStatus(row, settings));
  return {
    results: tableOf(results),
    ...(candidates.length === 0
      ? {}
      : { candidates: candidates.map(({ name, results: rows }) => ({ name, results: tableOf(rows) })) }),
    ...(notes.length === 0 ? {} : { notes }),
    ...(leftOut.length === 0 ? {} : { leftOut }),
    ...(benchmarks.length === 0 ? {} : { benchmarks: benchmarks.map(benchmarkFigures) }),
    ...(serving.length === 0 ? {} : { serving: serving.map(servingFigures) }),
    ...(people === null ? {} : { people: peopleFigures(people) }),
    ...(judge === null ? {} : { judge: judgeFigures(judge, digest) }),
    ...(degenerate === null
      ? {}
      : { degenerate: { base: figureOf(degenerate.base), tuned: figureOf(degenerate.tuned) } }),
    ...(Object.keys(contaminated).length === 0 ? {} : { contaminated: known({ recall, test }) }),
  };
}

const signed = (value: number, digits: number): string => `${value < 0 ? '' : '+'}${value.toFixed(digits)}`;

type Headline = NonNullable<EvaluationStatus['headline']>;

/** The figures of the first setting that people look at first, short enough for a column. */
export function headlineOf(
  results: readonly ResultStatus[],
  { gate, settings }: EvaluationSpec,
  verdict: Verdict,
): Headline {
  const of = (metric: string, split: string) =>
    results.find((one) => one.metric === metric && one.split === split && one.setting === settings[0]?.name);
  const recall = of('bleu', 'recall');
  const unseen = of('perplexity', 'test');
  return {
    ...(recall?.tuned === undefined ? {} : { recall: Number(recall.tuned).toFixed(1) }),
    ...(recall?.delta === undefined ? {} : { delta: signed(Number(recall.delta), 1) }),
    ...(unseen?.delta === undefined ? {} : { unseen: `${signed(Number(unseen.delta) * 100, 1)}%` }),
    gate: gate === undefined ? 'None' : verdict,
  };
}
