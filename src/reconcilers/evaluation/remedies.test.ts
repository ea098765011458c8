import { expect, it } from 'vitest';
import { anEvaluation } from '../../../tests/builders/objects.ts';
import type { GateRule, ResultStatus } from '../../api/v1alpha1/index.ts';
import { moreSamples, toReach } from './remedies.ts';

const mmlu = { name: 'mmlu', configMapRef: { name: 'mmlu' }, maxItems: 100 };
const { spec } = anEvaluation({ maxSamples: 64, benchmarks: [mmlu] });
const result = (split: GateRule['split'], samples: number): ResultStatus => ({
  ...{ metric: 'bleu', split, setting: 'default', samples, verdict: 'Inconclusive' },
});
const scored = (...rows: [items: number, metric?: string][]) => ({
  benchmarks: rows.map(([items, metric = 'acc']) => ({ name: 'mmlu', metric, base: '50', tuned: '50', items })),
});

it.each<[string, Parameters<typeof moreSamples>[1], GateRule['split'][], RegExp]>([
  ['a full draw', { results: [result('recall', 64)] }, ['recall'], /^raise spec\.maxSamples$/],
  [
    'rows that a metric leaves out are drawn all the same',
    { results: [result('recall', 9), result('recall', 64)] },
    ['recall'],
    /^raise spec\.maxSamples$/,
  ],
  [
    'so are those that stand in the trained rows',
    { results: [result('test', 60)], contaminated: { test: 4 } },
    ['test'],
    /^raise spec\.maxSamples$/,
  ],
  [
    'a split that was asked whole',
    { results: [result('recall', 20)] },
    ['recall'],
    /^"recall" has no more rows than the 20 that were asked: let the Dataset hold more back/,
  ],
  ['a benchmark with more items', scored([100]), ['general'], /^raise maxItems of "mmlu" in spec\.benchmarks$/],
  [
    'a benchmark whose tasks have several metrics',
    scored([60, 'acc'], [40, 'exact_match']),
    ['general'],
    /^raise maxItems of "mmlu" in spec\.benchmarks$/,
  ],
  [
    'programs, whose items have two figures',
    scored([60, 'parses'], [60, 'passes']),
    ['general'],
    /^the benchmarks have no more items/,
  ],
  ['a benchmark that was asked whole', scored([40]), ['general'], /^the benchmarks have no more items .* add another/],
  ['benchmarks that only the report has', {}, ['general'], /where a benchmark has more items$/],
  [
    'several splits',
    { results: [result('recall', 64)], ...scored([100]) },
    ['recall', 'general'],
    /^raise spec\.maxSamples; raise maxItems of "mmlu"/,
  ],
])('[17] what makes an interval narrower is said of %s', (_, figures, splits, remedy) => {
  expect(moreSamples(spec, figures, splits)).toMatch(remedy);
});

it.each<[GateRule['metric'], RegExp]>([
  ['unended', /^raise settings\[\]\.maxNewTokens where answers are long, .* or change the bound in spec\.gate/],
  ['worstSubject', /^see in report\.md how few items the worst subject has: .* raise maxItems .* or change the bound/],
  ['bleu', /^train on more or better rows, or change the bound in spec\.gate/],
])('[13] what to do about a bound is said of %s', (metric, remedy) => {
  expect(toReach(metric)).toMatch(remedy);
});
