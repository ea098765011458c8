import { expect, it } from 'vitest';
import type { GateRule, ResultStatus } from '../../api/v1alpha1/index.ts';
import { breaches, judge } from './gate.ts';

const bleu: ResultStatus = {
  metric: 'bleu',
  split: 'recall',
  setting: 'default',
  base: '5',
  tuned: '25',
  delta: '20',
  ci95: ['18', '22'],
  samples: 64,
  verdict: 'Better',
};
const perplexity: ResultStatus = {
  ...bleu,
  metric: 'perplexity',
  split: 'test',
  base: '20',
  tuned: '21',
  delta: '0.05',
  ci95: ['-0.01', '0.11'],
  verdict: 'Inconclusive',
};
const rule = (change: Partial<GateRule>): GateRule => ({
  metric: 'bleu',
  split: 'recall',
  requireSignificant: false,
  ...change,
});
const lenient = { maxDegenerate: '0.2' };
const unseen = (change: Partial<GateRule>): GateRule => rule({ metric: 'perplexity', split: 'test', ...change });

it.each<[string, GateRule, string | undefined]>([
  ['a value above its minimum passes', rule({ min: '20' }), undefined],
  ['a value at its minimum passes', rule({ min: '25' }), undefined],
  ['a value below its minimum fails', rule({ min: '30' }), 'bleu on recall (default) is 25, at least 30 is asked'],
  ['a sufficient difference passes', rule({ minDelta: '20' }), undefined],
  [
    'a difference whose interval reaches below the bound fails where significance is asked',
    rule({ minDelta: '19', requireSignificant: true }),
    'bleu on recall (default) differs by 20 with the interval 18 to 22, at least 19 is asked',
  ],
  ['a difference whose interval keeps the bound passes', rule({ minDelta: '18', requireSignificant: true }), undefined],
  ['a loss within its bound passes', unseen({ maxDelta: '0.1' }), undefined],
  [
    'a loss whose interval reaches beyond the bound fails where significance is asked',
    unseen({ maxDelta: '0.1', requireSignificant: true }),
    'perplexity on test (default) differs by 0.05 with the interval -0.01 to 0.11, at most 0.1 is asked',
  ],
  [
    'a bound below zero asks for a gain',
    unseen({ maxDelta: '-0.1' }),
    'perplexity on test (default) differs by 0.05, at most -0.1 is asked',
  ],
  [
    'a metric that is not measured fails, and says where to add it',
    rule({ metric: 'chrf', min: '1' }),
    'chrf on recall is not measured: add it to spec.metrics, spec.dataset.splits or spec.settings',
  ],
  [
    'a setting that is not measured fails',
    rule({ setting: 'long', min: '1' }),
    'bleu on recall is not measured: add it to spec.metrics, spec.dataset.splits or spec.settings',
  ],
])('%s', (_, one, failure) => {
  const failedRules = failure === undefined ? [] : [failure];
  const verdict = failure === undefined ? 'Passed' : failure.includes('interval') ? 'Inconclusive' : 'Failed';
  expect(judge({ ...lenient, gate: { rules: [one] } }, { results: [bleu, perplexity] })).toEqual({
    passed: failure === undefined,
    verdict,
    failedRules,
  });
});

it('a result without a value or an interval does not pass', () => {
  const bare: ResultStatus = {
    metric: 'bleu',
    split: 'recall',
    setting: 'default',
    samples: 0,
    verdict: 'Inconclusive',
  };
  expect(judge({ ...lenient, gate: { rules: [rule({ minDelta: '0' })] } }, { results: [bare] }).passed).toBe(false);
  const significant = rule({ minDelta: '0', requireSignificant: true });
  expect(judge({ ...lenient, gate: { rules: [significant] } }, { results: [{ ...bare, delta: '20' }] }).passed).toBe(
    false,
  );
});

it('a rule without a setting must hold in every setting', () => {
  const long = { ...bleu, setting: 'long', tuned: '10' };
  expect(judge({ ...lenient, gate: { rules: [rule({ min: '20' })] } }, { results: [bleu, long] }).failedRules).toEqual([
    'bleu on recall (long) is 10, at least 20 is asked',
  ]);
});

it.each([
  ['few answers that are none pass', '0.2', true],
  ['more than are allowed fail', '0.21', false],
])('[13] %s', (_, tuned, passed) => {
  const judged = judge({ ...lenient, gate: undefined }, { results: [bleu], degenerate: { base: '0.01', tuned } });
  expect(judged.passed).toBe(passed);
  if (!passed)
    expect(judged.failedRules[0]).toMatch(/^21 % of the answers are empty.*\(base 1 %\).*spec\.maxDegenerate$/);
});

const unended: ResultStatus = {
  ...{ metric: 'unended', split: 'test', setting: 'default', base: '10', tuned: '12.5', delta: '2.5' },
  ...{ ci95: ['-2', '7'], samples: 64, p: '0.4', verdict: 'Inconclusive' },
};

it.each<[string, Partial<GateRule>, string, string[]]>([
  ['as many as are allowed pass', { max: '12.5' }, 'Passed', []],
  ['more than are allowed fail', { max: '5' }, 'Failed', ['unended on test (default) is 12.5, at most 5 is asked']],
  ['a rise within its bound passes', { maxDelta: '3' }, 'Passed', []],
  [
    'a rise beyond it fails',
    { maxDelta: '2' },
    'Failed',
    ['unended on test (default) differs by 2.5, at most 2 is asked'],
  ],
  [
    'a rise that is not proven to keep it cannot tell',
    { maxDelta: '3', requireSignificant: true },
    'Inconclusive',
    ['unended on test (default) differs by 2.5 with the interval -2 to 7, at most 3 is asked'],
  ],
  [
    'a figure that was not asked for fails',
    { split: 'recall', max: '5' },
    'Failed',
    ['unended on recall is not measured: add it to spec.metrics, spec.dataset.splits or spec.settings'],
  ],
])('[13] of answers that do not end, %s', (_, change, verdict, failedRules) => {
  const one = rule({ metric: 'unended', split: 'test', ...change });
  const judged = judge({ ...lenient, gate: { rules: [one] } }, { results: [bleu, unended] });
  expect(judged).toEqual({ passed: verdict === 'Passed', verdict, failedRules });
});

it.each<[string, GateRule[], string]>([
  ['an interval beyond the bound fails', [rule({ minDelta: '23', requireSignificant: true })], 'Failed'],
  [
    'an interval around the bound is inconclusive',
    [rule({ minDelta: '21', requireSignificant: true })],
    'Inconclusive',
  ],
  [
    'one rule that is broken for sure decides',
    [rule({ minDelta: '21', requireSignificant: true }), rule({ min: '30' })],
    'Failed',
  ],
  [
    'a rule that holds does not decide for one that is open',
    [rule({ minDelta: '21', requireSignificant: true }), rule({ min: '20' })],
    'Inconclusive',
  ],
])('[17] %s', (_, rules, verdict) => {
  expect(judge({ ...lenient, gate: { rules } }, { results: [bleu, perplexity] })).toMatchObject({
    passed: false,
    verdict,
  });
});

it('[17] an equal model is no worse for sure only if no question differs', () => {
  const judged = (ci95: [string, string], minDelta: string) => {
    const same: ResultStatus = { ...bleu, tuned: '5', delta: '0', ci95, verdict: 'Inconclusive' };
    return judge({ ...lenient, gate: { rules: [rule({ minDelta, requireSignificant: true })] } }, { results: [same] });
  };
  expect(judged(['-1.5', '1.5'], '0').verdict).toBe('Inconclusive');
  expect(judged(['-1.5', '1.5'], '0.5').verdict).toBe('Inconclusive');
  expect(judged(['0', '0'], '0').verdict).toBe('Passed');
  expect(judged(['0', '0'], '0.5').verdict).toBe('Failed');
});

it('[evaluation 8] a model that forgot fails a gate of retention, one that kept enough passes', () => {
  const of = (tuned: string) =>
    judge(
      {
        maxDegenerate: '0.2',
        gate: {
          rules: [
            { metric: 'retention', split: 'general', min: '95', requireSignificant: false },
            { metric: 'worstSubject', split: 'general', min: '85', requireSignificant: false },
          ],
        },
      },
      {
        results: (['retention', 'worstSubject'] as const).map((metric) => ({
          ...{ metric, split: 'general', setting: 'default', base: '100', tuned, samples: 150, verdict: 'Worse' },
        })),
      },
    );
  expect(of('98').passed).toBe(true);
  expect(of('70').failedRules).toEqual([
    'retention on general (default) is 70, at least 95 is asked',
    'worstSubject on general (default) is 70, at least 85 is asked',
  ]);
});

it.each<[string, GateRule[], string, string[]]>([
  [
    'a rule about what is judged in part cannot tell, however good it looks',
    [rule({ metric: 'graded', min: '50' })],
    'Inconclusive',
    ['graded on recall is partial, 10 of 24 questions are judged'],
  ],
  [
    'nor where nothing was judged',
    [rule({ metric: 'winRate', min: '50' })],
    'Inconclusive',
    ['winRate on recall is partial, 10 of 24 questions are judged'],
  ],
  ['a rule that asks for something else is judged all the same', [rule({ min: '20' })], 'Passed', []],
  [
    'a rule that is broken for sure decides before it',
    [rule({ metric: 'graded', min: '50' }), rule({ min: '30' })],
    'Failed',
    [
      'graded on recall is partial, 10 of 24 questions are judged',
      'bleu on recall (default) is 25, at least 30 is asked',
    ],
  ],
])('[7] %s', (_, rules, verdict, failedRules) => {
  const graded: ResultStatus = { ...bleu, metric: 'graded', tuned: '90', delta: '85', ci95: ['80', '90'] };
  const stopped = { reason: 'EndpointUnauthorized', message: 'correct judge.openai.apiKeySecretRef' };
  const told = { asked: 10, questions: 24, unreadable: 0, isPartial: true, stopped };
  const judged = judge({ ...lenient, gate: { rules } }, { results: [bleu, graded], judge: told });
  expect(judged).toEqual({ passed: verdict === 'Passed', verdict, failedRules });
});

const significant = (change: Partial<GateRule>): GateRule => rule({ requireSignificant: true, ...change });

it.each<[string, GateRule, Partial<ResultStatus>, string, RegExp | undefined]>([
  [
    'two questions that both got better prove nothing',
    significant({ minDelta: '0' }),
    { samples: 2, p: '0.5', verdict: 'Inconclusive' },
    'Inconclusive',
    /^bleu on recall \(default\) differs by 20 with the interval 18 to 22 and p 0\.5, which 2 questions do not prove, at least 0 is asked$/,
  ],
  ['nor that a loss is small', significant({ minDelta: '-5' }), { samples: 2 }, 'Inconclusive', /2 questions/],
  ['nor that a gain is too small', significant({ minDelta: '30' }), { samples: 2 }, 'Inconclusive', /2 questions/],
  [
    'a gain of one figure among many that Holm takes back proves nothing',
    significant({ minDelta: '1' }),
    { p: '0.2', verdict: 'Inconclusive' },
    'Inconclusive',
    /and p 0\.2, which 64 questions do not prove/,
  ],
  [
    'a loss that Holm takes back is no failure either',
    significant({ minDelta: '0' }),
    { delta: '-3', ci95: ['-5', '-1'], p: '0.2', verdict: 'Inconclusive' },
    'Inconclusive',
    /and p 0\.2/,
  ],
  [
    'a loss within its bound is one, however little it is proven to be a loss',
    significant({ minDelta: '-10' }),
    { delta: '-3', ci95: ['-5', '-1'], p: '0.2', verdict: 'Inconclusive' },
    'Passed',
    undefined,
  ],
  [
    'a gain that p proves passes',
    significant({ minDelta: '1' }),
    { p: '0.01', verdict: 'Better' },
    'Passed',
    undefined,
  ],
  [
    'of a metric that shall fall the bounds are the other way round',
    significant({ maxDelta: '0' }),
    { delta: '-3', ci95: ['-5', '-1'], p: '0.2', verdict: 'Inconclusive' },
    'Inconclusive',
    /and p 0\.2/,
  ],
])('[9] %s', (_, one, change, verdict, text) => {
  const judged = judge({ ...lenient, gate: { rules: [one] } }, { results: [{ ...bleu, ...change }] });
  expect(judged).toMatchObject({ verdict, passed: verdict === 'Passed' });
  if (text === undefined) expect(judged.failedRules).toEqual([]);
  else expect(judged.failedRules).toEqual([expect.stringMatching(text)]);
});

it.each<[string, Partial<GateRule>, string]>([
  ['a judge', { metric: 'winRate' }, 'add spec.judge with "Pairwise" in its asks'],
  ['a judge that grades', { metric: 'graded', split: 'test' }, 'add spec.judge with "Graded" in its asks'],
  ['benchmarks', { metric: 'retention', split: 'general' }, 'is not measured: add spec.benchmarks'],
  ['running text', { metric: 'perplexity', split: 'general' }, 'add a task of running text to spec.benchmarks'],
  ['the split of benchmarks', { metric: 'accuracy' }, 'set split of the rule to "general"'],
  ['a figure that benchmarks have not', { metric: 'winRate', split: 'general' }, 'correct metric or split'],
  ['bits per byte', { metric: 'perplexity', split: 'recall' }, 'bitsPerByte is measured in its place'],
])('[17] a rule whose figure is missing names where it comes from: %s', (_, change, remedy) => {
  const results: ResultStatus[] = [bleu, { ...bleu, metric: 'bitsPerByte' }];
  const judged = judge(
    { ...lenient, gate: { rules: [rule({ min: '1', ...change })] } },
    { results, notes: ['TokenizersDiffer'] },
  );
  expect(judged.verdict).toBe('Failed');
  expect(judged.failedRules[0]).toContain(remedy);
  expect(judged.failedRules[0]).not.toContain('spec.metrics');
});

it.each<[string, string[], RegExp]>([
  [
    'a model that gives no numbers has a reason of its own',
    ['LogitsNotFinite'],
    /^accuracy on general \(default\) has no value, since the logits of a model are not finite \(LogitsNotFinite\)$/,
  ],
  ['another note is none', ['TemplatesDiffer'], /^accuracy on general \(default\) has no value$/],
])('[evaluation 2] of a benchmark, %s', (_, notes, failure) => {
  const accuracy: ResultStatus = {
    ...{ metric: 'accuracy', split: 'general', setting: 'default', base: '60', samples: 100, verdict: 'Inconclusive' },
  };
  const rules = [{ ...rule({ min: '10' }), metric: 'accuracy', split: 'general' } as const];
  const judged = judge({ ...lenient, gate: { rules } }, { results: [accuracy], notes });
  expect(judged.verdict).toBe('Failed');
  expect(judged.failedRules[0]).toMatch(failure);
  expect(breaches({ ...lenient, gate: { rules } }, { results: [accuracy], notes })[0]?.remedy).toMatch(
    notes.includes('LogitsNotFinite') ? /^train again with a lower learningRate/ : /^train on more or better rows/,
  );
});
