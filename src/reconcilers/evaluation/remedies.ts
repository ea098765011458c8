import type { EvaluationSpec, EvaluationStatus, GateRule } from '../../api/v1alpha1/index.ts';

type Metric = GateRule['metric'];

/** which of spec.judge.asks gives it */
const askOf: Partial<Record<Metric, string>> = { winRate: 'Pairwise', graded: 'Graded' };
const benchmarkMetrics: readonly Metric[] = ['accuracy', 'retention', 'worstSubject'];
const general = 'general';

type Seen = Pick<EvaluationStatus, 'results' | 'notes'>;

/** Perplexities that count other tokens have given way to bits per byte. */
function isReplaced({ metric, split, setting }: GateRule, { results = [], notes = [] }: Seen): boolean {
  const isThere = results.some(
    (one) => one.metric === 'bitsPerByte' && one.split === split && (setting ?? one.setting) === one.setting,
  );
  return metric === 'perplexity' && notes.includes('TokenizersDiffer') && isThere;
}

/** What to do about a rule whose figure is not there: each figure is asked for in another place. */
export function whereToAsk(rule: GateRule, seen: Seen): string {
  const { metric, split } = rule;
  if (isReplaced(rule, seen))
    return 'the tokenizers differ (TokenizersDiffer), so bitsPerByte is measured in its place: name that in the rule';
  const ask = askOf[metric];
  if (split === general) {
    if (benchmarkMetrics.includes(metric)) return 'add spec.benchmarks';
    if (metric === 'perplexity') return 'add a task of running text to spec.benchmarks';
    return 'benchmarks have accuracy, retention, worstSubject and perplexity alone: correct metric or split of the rule';
  }
  if (ask !== undefined)
    return `add spec.judge with "${ask}" in its asks; it judges spec.dataset.splits in the first of spec.settings`;
  if (benchmarkMetrics.includes(metric))
    return `benchmarks measure it: set split of the rule to "${general}", and add spec.benchmarks`;
  return 'add it to spec.metrics, spec.dataset.splits or spec.settings';
}

const easier = 'or ask for less in spec.gate';

/** Rows of a benchmark are of the tasks with one metric each; programs have a second figure of the same items. */
const itemsOf = (name: string, asked: EvaluationStatus['benchmarks'] = []): number =>
  asked.reduce((sum, one) => sum + (one.name === name && one.metric !== 'parses' ? one.items : 0), 0);

function moreItems({ benchmarks }: Sampling, asked: EvaluationStatus['benchmarks']): string {
  const full = benchmarks.filter(({ name, maxItems }) => itemsOf(name, asked) >= maxItems);
  if (full.length > 0) {
    const names = full.map(({ name }) => `"${name}"`);
    return `raise maxItems of ${names.join(' and ')} in spec.benchmarks`;
  }
  if (asked === undefined) return 'raise maxItems in spec.benchmarks where a benchmark has more items';
  return `the benchmarks have no more items than were asked: add another to spec.benchmarks, ${easier}`;
}

type Sampling = Pick<EvaluationSpec, 'maxSamples' | 'benchmarks'>;
type Asked = Pick<EvaluationStatus, 'results' | 'contaminated' | 'benchmarks'>;

/** What lets an interval become narrower, for each split whose figures prove nothing. */
export function moreSamples(spec: Sampling, figures: Asked, splits: readonly GateRule['split'][]): string {
  const { results = [], contaminated = {}, benchmarks } = figures;
  const remedies = splits.map((split) => {
    if (split === general) return moreItems(spec, benchmarks);
    // a metric may leave rows out, so the one with the most of them tells how many were drawn
    const most = Math.max(0, ...results.filter((one) => one.split === split).map(({ samples }) => samples));
    const drawn = most + (contaminated[split] ?? 0);
    if (drawn >= spec.maxSamples) return 'raise spec.maxSamples';
    return `"${split}" has no more rows than the ${drawn} that were asked: let the Dataset hold more back, ${easier}`;
  });
  return [...new Set(remedies)].join('; ');
}

/** What to do about answers that are none. */
export const readAnswers = 'read samples.jsonl of the report, then train with a lower learningRate or for fewer steps';

const orEase = 'or change the bound in spec.gate, which judges the same figures again';

const betterRows = `train on more or better rows, ${orEase}`;
const remedyOf: Partial<Record<Metric, string>> = {
  unended: `raise settings[].maxNewTokens where answers are long, train on rows with shorter answers, ${orEase}`,
  worstSubject: `see in report.md how few items the worst subject has: one lost of seven is 14 %, so raise maxItems in spec.benchmarks; else ${betterRows}`,
};

/** What to do about a figure that misses its bound. */
export const toReach = (metric: Metric): string => remedyOf[metric] ?? betterRows;

/** What to do about an adapter that is worse than the promoted one. */
export const keepOrAllow =
  'the promoted adapter stays; train on more or better rows, or set gate.notWorseThanPromoted to false to promote it all the same';

/** note of a model that finds nothing probable */
export const notFinite = 'LogitsNotFinite';

/** What to do about a model that gives no numbers. */
export const trainAnew =
  'train again with a lower learningRate, or with training.precision bf16 or fp32, since weights have overflowed';

/** What to do where a gate has seen no answer at all. */
export const writeAnswers =
  'whether answers are degenerate was not measured, since none were written: add a metric of answers, such as bleu, to spec.metrics';
