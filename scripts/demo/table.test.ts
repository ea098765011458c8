import { describe, expect, test } from 'vitest';
import { hasLearned, renderResults } from './table.ts';

const recall = {
  metric: 'bleu',
  split: 'recall',
  setting: 'default',
  base: '1.61',
  tuned: '20.42',
  delta: '18.81',
  ci95: ['11.2', '26.9'],
  samples: 40,
  verdict: 'Better',
} as const;
const unseen = {
  metric: 'perplexity',
  split: 'test',
  setting: 'default',
  base: '16.4',
  tuned: '33.9',
  delta: '1.067',
  ci95: ['0.81', '1.32'],
  samples: 40,
  verdict: 'Worse',
} as const;

const results = [
  { ...recall, ci95: [...recall.ci95] },
  { ...unseen, ci95: [...unseen.ci95] },
];

describe('the evaluation table', () => {
  test('shows learning and its price apart, the difference of perplexity as a share', () => {
    const [first, second] = renderResults(results).split('\n\n');
    expect(first).toMatch(/^recall: .*\n.*\nbleu +1\.61 +20\.42 +18\.81 +11\.20 … 26\.90 +40 +Better$/);
    expect(second).toMatch(/^test: .*\n.*\nperplexity +16\.40 +33\.90 +106\.7 % +81\.0 % … 132\.0 % +40 +Worse$/);
  });

  test('a model has learned when the whole interval of recall BLEU is above 0', () => {
    expect(hasLearned(results)).toBe(true);
    expect(hasLearned([{ ...recall, ci95: ['-0.1', '9'] }])).toBe(false);
    expect(hasLearned([{ ...unseen, ci95: [...unseen.ci95] }])).toBe(false);
  });
});
