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

/** Something that keeps an adapter back. */
interface Breach {
  text: string;
  /** the interval has both sides of the bound, so nothing is proven */
  isOpen: boolean;
}

const closed = (text: string): Breach => ({ text, isOpen: false });

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
  return { text, isOpen: interval.some(keeps) };
}

function breachesOf(rule: GateRule, results: readonly ResultStatus[]): Breach[] {
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

/** Judge results. Pure, and without a run: a changed gate judges the same figures again. */
export function judge(
  spec: Pick<EvaluationSpec, 'gate' | 'maxDegenerate'>,
  results: readonly ResultStatus[],
  degenerate: Degenerate,
): GateStatus & { verdict: Verdict } {
  const problem = degenerateProblem(spec, degenerate);
  const failed = [
    ...(problem === undefined ? [] : [closed(problem)]),
    ...(spec.gate?.rules ?? []).flatMap((rule) => breachesOf(rule, results)),
  ];
  const isOpen = failed.every((one) => one.isOpen);
  return {
    passed: failed.length === 0,
    verdict: failed.length === 0 ? 'Passed' : isOpen ? 'Inconclusive' : 'Failed',
    failedRules: failed.slice(0, 32).map(({ text }) => text.slice(0, 256)),
  };
}
