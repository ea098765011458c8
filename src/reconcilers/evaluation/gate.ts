import type { EvaluationSpec, EvaluationStatus, GateRule, ResultStatus, Verdict } from '../../api/v1alpha1/index.ts';
import { notFinite, toReach, trainAnew, whereToAsk } from './remedies.ts';

type GateStatus = NonNullable<EvaluationStatus['gate']>;

interface Bound {
  /** the measured value, and the interval that can stand for it */
  value: string | undefined;
  interval: readonly string[] | undefined;
  limit: string;
  isLeast: boolean;
  what: string;
}

function boundOf({ min, max, minDelta, maxDelta }: GateRule, { tuned, delta, ci95 }: ResultStatus): Bound {
  const measured = { value: tuned, interval: undefined, what: 'is' };
  if (min !== undefined) return { ...measured, limit: min, isLeast: true };
  if (max !== undefined) return { ...measured, limit: max, isLeast: false };
  const difference = { value: delta, interval: ci95, what: 'differs by' };
  if (minDelta !== undefined) return { ...difference, limit: minDelta, isLeast: true };
  return { ...difference, limit: maxDelta ?? '', isLeast: false };
}

/** Figures of a run, as the status keeps them: what a gate judges. */
export type Figures = Pick<
  EvaluationStatus,
  'results' | 'incumbent' | 'degenerate' | 'contaminated' | 'judge' | 'leftOut' | 'report' | 'notes' | 'benchmarks'
>;

/** Something that keeps an adapter back. */
export interface Breach {
  text: string;
  /** nothing is proven: what would prove it, more questions or the rest of those that there are */
  open?: 'samples' | 'rest';
  split?: GateRule['split'];
  /** what to do, where the text does not say it */
  remedy?: string;
  /** the promoted adapter is better */
  isWorse?: true;
}

// the exact test of five questions that all get better is above 0.05
const leastSamples = 6;

/**
 * Whether p takes from an interval what it seems to show of a bound. An interval knows nothing of how few the questions
 * are, nor of how many figures there are; p does, but speaks of 0 alone: it counts where 0 would be on the other side of the bound.
 */
function isUnproven({ limit, isLeast, interval = [] }: Bound, { verdict, samples }: ResultStatus, isKept: boolean) {
  if (samples < leastSamples) return true;
  const hasZero = !interval.every((end) => Number(end) > 0) && !interval.every((end) => Number(end) < 0);
  if (verdict !== 'Inconclusive' || hasZero) return false;
  const bound = isLeast ? Number(limit) : -Number(limit);
  return isKept ? bound >= 0 : bound <= 0;
}

/** What is wrong with one result; undefined if it keeps the rule. */
function breach(rule: GateRule, result: ResultStatus, notes: readonly string[]): Breach | undefined {
  const bound = boundOf(rule, result);
  const { value, interval, limit, isLeast, what } = bound;
  const name = `${result.metric} on ${result.split} (${result.setting})`;
  const missed = (text: string): Breach => ({ text, remedy: toReach(result.metric) });
  if (value === undefined && notes.includes(notFinite))
    return {
      text: `${name} has no value, since the logits of a model are not finite (${notFinite})`,
      remedy: trainAnew,
    };
  if (value === undefined) return missed(`${name} has no value`);
  const asked = `${isLeast ? 'at least' : 'at most'} ${limit} is asked`;
  const keeps = (measured: string): boolean =>
    isLeast ? Number(measured) >= Number(limit) : Number(measured) <= Number(limit);
  if (!rule.requireSignificant) return keeps(value) ? undefined : missed(`${name} ${what} ${value}, ${asked}`);
  if (interval === undefined) return missed(`${name} has no interval`);
  const isKept = keeps(value) && interval.every(keeps);
  const isOpen = !isKept && interval.some(keeps);
  const text = `${name} ${what} ${value} with the interval ${interval.join(' to ')}`;
  if (!isOpen && isUnproven(bound, result, isKept)) {
    const p = result.p === undefined ? '' : ` and p ${result.p}`;
    const proof = `which ${result.samples} questions do not prove`;
    return { text: `${text}${p}, ${proof}, ${asked}`, open: 'samples', split: rule.split };
  }
  if (isKept) return undefined;
  return isOpen ? { text: `${text}, ${asked}`, open: 'samples', split: rule.split } : missed(`${text}, ${asked}`);
}

export const judgedMetrics: readonly string[] = ['winRate', 'graded'];

/** Items are judged in the order of their splits, so a part of them speaks for no whole. */
function partialBreach({ metric, split }: GateRule, told: Figures['judge']): Breach | undefined {
  if (told?.stopped === undefined || !judgedMetrics.includes(metric)) return undefined;
  const { asked, questions } = told;
  return { text: `${metric} on ${split} is partial, ${asked} of ${questions} questions are judged`, open: 'rest' };
}

function breachesOf(rule: GateRule, figures: Figures): Breach[] {
  const { results = [], judge: told, notes = [] } = figures;
  const partial = partialBreach(rule, told);
  if (partial !== undefined) return [partial];
  const concerned = results.filter(
    ({ metric, split, setting }) =>
      metric === rule.metric && split === rule.split && (rule.setting === undefined || rule.setting === setting),
  );
  if (concerned.length === 0)
    return [{ text: `${rule.metric} on ${rule.split} is not measured: ${whereToAsk(rule, figures)}` }];
  return concerned.flatMap((result) => breach(rule, result, notes) ?? []);
}

/** What a rule lets go against the base, in the unit of the difference. */
function allowedLoss({ metric, min, minDelta, maxDelta }: GateRule, isLessBetter: boolean): number {
  // shares of what was known before: the rest may be lost
  if (min !== undefined) return metric === 'retention' || metric === 'worstSubject' ? 100 - Number(min) : 0;
  return Math.max(0, isLessBetter ? Number(maxDelta ?? 0) : -Number(minDelta ?? 0));
}

/** Whether a figure that is worse than that of the promoted adapter is so by more than the rule lets go. */
function isLostBy(rule: GateRule, { metric, split, setting, ci95 = [] }: ResultStatus): boolean {
  const isMeant = metric === rule.metric && split === rule.split && (rule.setting ?? setting) === setting;
  const ends = ci95.map(Number);
  const isLessBetter = ends.every((end) => end > 0);
  const surest = Math.min(...ends.map(Math.abs));
  return isMeant && surest > allowedLoss(rule, isLessBetter);
}

/** In what the promoted adapter is better. What the result had no room for is not known to be no matter of the rules. */
function lossesOf({ gate }: Judging, { incumbent }: Figures): Breach[] {
  const { worse = [], more } = incumbent ?? {};
  const lost = worse.filter((result) => gate?.rules.some((rule) => isLostBy(rule, result)));
  const texts = lost.map(({ metric, split, setting, base = '', tuned = '', delta = '', ci95 = [] }) => {
    const difference = `a difference of ${delta} with the interval ${ci95.join(' to ')}`;
    return `${metric} on ${split} (${setting}) is ${tuned} where the promoted adapter has ${base}, ${difference}`;
  });
  if (texts.length === 0 && more !== undefined)
    texts.push(`it is worse than the promoted adapter in ${worse.length + more} figures, which only the report names`);
  return texts.map((text) => ({ text, isWorse: true }));
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

interface Judging extends Pick<EvaluationSpec, 'maxDegenerate'> {
  gate?: { rules: readonly GateRule[] } | undefined;
}

/** All that keeps an adapter back. */
export function breaches(spec: Judging, figures: Figures): Breach[] {
  const problem = degenerateProblem(spec, figures.degenerate);
  return [
    ...(problem === undefined ? [] : [{ text: problem }]),
    ...(spec.gate?.rules ?? []).flatMap((rule) => breachesOf(rule, figures)),
    ...lossesOf(spec, figures),
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
