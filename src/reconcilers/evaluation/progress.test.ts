import { expect, it } from 'vitest';
import { progressSchema } from '../../contract/progress.ts';
import { finalProgress, progressStatus } from './progress.ts';

const report = (progressPercentage: number, counts: Record<string, number>) =>
  progressSchema.parse({
    trainerStatus: {
      progressPercentage,
      metrics: Object.entries(counts).map(([name, value]) => ({ name, value: String(value) })),
      lastUpdatedTime: '2026-11-22T12:00:00.000Z',
    },
  });

it('[18] items come first, then the questions to a judge, and one that was left with some is not made whole', () => {
  const measuring = progressStatus(report(20, { items_done: 20, items_total: 34 }), { run: 'a', before: undefined });
  expect(measuring.progress).toEqual({ percent: 20, itemsDone: 20, itemsTotal: 34 });
  const counts = { items_done: 34, items_total: 34, judged_done: 10, judged_total: 68 };
  const judging = progressStatus(report(43, counts), { run: 'a', before: measuring });
  expect(judging.progress).toEqual({ percent: 43, itemsDone: 34, itemsTotal: 34, judgedDone: 10, judgedTotal: 68 });
  expect(finalProgress(judging).progress).toEqual({ ...judging.progress, percent: 100 });
});
