import type { EvaluationSpec, EvaluationStatus, GateRule, ResultStatus, Verdict } from '../../api/v1alpha1/index.ts';

type GateStatus = NonNullable<EvaluationStatus['gate']>;

interface Bound {
  /** the measured value, and the interval that can stand for it */
  value: string | undefined;
  interval: readonly string[] | undefined;
  limit: string;
  isLeast: boolean;
  what: string;
}

function boundOf({ min, minDelta, maxDelta }: GateRule, { tuned, delta, ci95 }: ResultStatus): Bound {
  if (min !== undefined) return { value: tuned, interval: undefined, limit: min, isLeast: true, what: 'is' };
  const difference = { value: delta, interval: ci95, what: 'differs by' };
  if (minDelta !== undefined) return { ...difference, limit: minDelta, isLeast: true };
  return { ...difference, limit: maxDelta ?? '', isLeast: false };
}

/** Figures of a run, as the status keeps them: what a gate judges. */
export type Figures = Pick<
  EvaluationStatus,
  'results' | 'degenerate' | 'contaminated' | 'judge' | 'leftOut' | 'report'
>;

/** Something that keeps an adapter back. */
export interface Breach {
  text: string;
  /** nothing is proven: what would prove it, more questions or the rest of those that there are */
  open?: 'samples' | 'rest';
}

const closed = (text: string): Breach => ({ text });

/** What is wrong with one result; undefined if it keeps the rule. */
function breach(rule: GateRule, result: ResultStatus): Breach | undefined {
  const { value, interval, limit, isLeast, what } = boundOf(rule, result);
  const name = `${result.metric} on ${result.split} (${result.setting})`;
  if (value === undefined) return closed(`${name} has no value`);
  const asked = `${isLeast ? 'at least' : 'at most'} ${limit} is asked`;
  const keeps = (measured: string): boolean =>
    isLeast ? Number(measured) >= Number(limit) : Number(measured) <= Number(limit);
  if (!rule.requireSignificant) return keeps(value) ? undefined : closed(`${name} ${what} ${value}, ${asked}`);
  if (interval === undefined) return closed(`${name} has no interval`);
  if (keeps(value) && interval.every(keeps)) return undefined;
  const text = `${name} ${what} ${value} with the interval ${interval.join(' to ')}, ${asked}`;
  return { text, ...(interval.some(keeps) ? { open: 'samples' } : {}) };
}

const judgedMetrics: readonly string[] = ['winRate', 'graded'];

/** Items are judged in the order of their splits, so a part of them speaks for no whole. */
function partialBreach({ metric, split }: GateRule, told: Figures['judge']): Breach | undefined {
  if (told?.stopped === undefined || !judgedMetrics.includes(metric)) return undefined;
  const { asked, questions } = told;
  return { text: `${metric} on ${split} is partial, ${asked} of ${questions} questions are judged`, open: 'rest' };
}

function breachesOf(rule: GateRule, { results = [], judge: told }: Figures): Breach[] {
  const partial = partialBreach(rule, told);
  if (partial !== undefined) return [partial];
  const concerned = results.filter(
    ({ metric, split, setting }) =>
      metric === rule.metric && split === rule.split && (rule.setting === undefined || rule.setting === setting),
  );
  if (concerned.length === 0) {
    const remedy = 'add it to spec.metrics, spec.dataset.splits or spec.settings';
    return [closed(`${rule.metric} on ${rule.split} is not measured: ${remedy}`)];
  }
  return concerned.flatMap((result) => breach(rule, result) ?? []);
}

type Degenerate = EvaluationStatus['degenerate'];

/** What to say of answers that are none; undefined while there are few. */
export function degenerateProblem(
  { maxDegenerate }: Pick<EvaluationSpec, 'maxDegenerate'>,
  degenerate: Degenerate,
): string | undefined {
  if (degenerate === undefined || Number(degenerate.tuned) <= Number(maxDegenerate)) return undefined;
  const percent = (share: string): string => `${(Number(share) * 100).toFixed(0)} %`;
  return `${percent(degenerate.tuned)} of the answers are empty, repetitive or garbage (base ${percent(degenerate.base)}), at most ${percent(maxDegenerate)} is allowed by spec.maxDegenerate`;
}

type Judging = Pick<EvaluationSpec, 'gate' | 'maxDegenerate'>;

/** All that keeps an adapter back. */
export function breaches(spec: Judging, figures: Figures): Breach[] {
  const problem = degenerateProblem(spec, figures.degenerate);
  return [
    ...(problem === undefined ? [] : [closed(problem)]),
    ...(spec.gate?.rules ?? []).flatMap((rule) => breachesOf(rule, figures)),
  ];
}

/** Judge results. Pure, and without a run: a changed gate judges the same figures again. */
export function judge(spec: Judging, figures: Figures): GateStatus & { verdict: Verdict } {
  const failed = breaches(spec, figures);
  const isOpen = failed.every((one) => one.open !== undefined);
  return {
    passed: failed.length === 0,
    verdict: failed.length === 0 ? 'Passed' : isOpen ? 'Inconclusive' : 'Failed',
    failedRules: failed.slice(0, 32).map(({ text }) => text.slice(0, 256)),
  };
}
