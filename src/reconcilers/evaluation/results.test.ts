import { expect, it } from 'vitest';
import { evaluateResult } from '../../../tests/builders/pods.ts';
import { benchmarkStatus } from '../../api/v1alpha1/evaluation/benchmarks.ts';
import { servingStatus } from '../../api/v1alpha1/evaluation/serving.ts';
import { evaluateSummarySchema } from '../../contract/evaluation-result.ts';
import { figuresOf } from './results.ts';

it('[evaluation 11] what serving took is in the status, and what was not measured is left out', () => {
  const times = { ttftP50: 41.2384999, ttftP90: 50, ttftP99: 61, tokenP50: 9.5, tokenP99: 20 };
  const served = {
    model: 'tuned',
    concurrency: 4,
    requests: 32,
    ...times,
    tokensPerSecond: 88.25,
    requestsPerSecond: 5.5,
  };
  const local = { failed: 1, costPerThousand: 0.126263, modelBytes: 269_060_552, peakMemoryBytes: 1_200_000_000 };
  const summary = evaluateSummarySchema.parse({
    ...evaluateResult('report').summary,
    serving: [{ ...served, ...local }, served],
  });
  const rows = figuresOf(summary).serving;
  const figures = {
    ...{ model: 'tuned', concurrency: 4, ttftP50: '41.2385', ttftP90: '50', ttftP99: '61', tokenP50: '9.5' },
    ...{ tokensPerSecond: '88.25', requestsPerSecond: '5.5' },
  };
  expect(rows).toEqual([{ ...figures, ...local, costPerThousand: '0.126263' }, figures]);
  for (const row of rows ?? []) expect(servingStatus.safeParse(row).error).toBeUndefined();
});

it('[evaluation 8] rows of one benchmark are told apart by their metric, and may be without a figure', () => {
  const summary = evaluateSummarySchema.parse({
    ...evaluateResult('report').summary,
    benchmarks: [
      { name: 'code', metric: 'parses', base: 50, tuned: 62.5, items: 8, lost: 0, gained: 1 },
      { name: 'code', metric: 'passes', base: 25, tuned: 25, items: 8, lost: 1, gained: 1 },
      { name: 'prose', metric: 'word_perplexity', base: 21.25, tuned: null, items: 5, lost: null, gained: null },
    ],
  });
  const rows = figuresOf(summary).benchmarks;
  expect(rows).toEqual([
    { name: 'code', metric: 'parses', base: '50', tuned: '62.5', items: 8, lost: 0, gained: 1 },
    { name: 'code', metric: 'passes', base: '25', tuned: '25', items: 8, lost: 1, gained: 1 },
    { name: 'prose', metric: 'word_perplexity', base: '21.25', items: 5 },
  ]);
  for (const row of rows ?? []) expect(benchmarkStatus.safeParse(row).error).toBeUndefined();
});
