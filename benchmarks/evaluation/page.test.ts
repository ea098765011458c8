import { expect, it } from 'vitest';
import { median, ratioOf, reachesGoals, renderPage, type Concurrency, type Speed } from './page.ts';

const took = (...seconds: number[]) => seconds.map((wall) => ({ wall, processor: wall / 2 }));
const speed: Speed = {
  ...{ items: 20, promptTokens: 2000, answerTokens: 900, threads: 1, sameAnswers: 20, largestDifference: 1e-5 },
  seconds: {
    generation: { doctune: took(2, 8, 2), 'lm-eval': took(4, 8, 5) },
    loglikelihood: { doctune: took(1, 1, 1), 'lm-eval': took(1.5, 3, 1.5) },
  },
};
const judge: Concurrency = { questions: 9, concurrency: 3, seconds: 1, use: 0.97, answering: 0.95, mostAtOnce: 3 };

it('a ratio is the median of those of the rounds, so that one disturbed round decides nothing', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([1, 2])).toBe(1.5);
  expect(ratioOf(speed, 'generation', 'wall')).toBe(2);
  expect(ratioOf(speed, 'loglikelihood', 'processor')).toBe(1.5);
});

it('being slower, or leaving concurrency unused, misses the goals', () => {
  expect(reachesGoals(speed, judge)).toBe(true);
  expect(reachesGoals(speed, { ...judge, use: 0.94 })).toBe(false);
  const { generation, loglikelihood } = speed.seconds;
  const slower = { doctune: loglikelihood['lm-eval'], 'lm-eval': loglikelihood.doctune };
  expect(reachesGoals({ ...speed, seconds: { generation, loglikelihood: slower } }, judge)).toBe(false);
});

it('the page has the figures that were measured', () => {
  const page = renderPage(speed, judge, { rounds: 3, batch: 8, newTokens: 32 });
  expect(page).toContain('| answers | 20.00 items/s | 8.00 items/s | 2.00 | 2.00, 1.00, 2.50 | 2.00 |');
  expect(page).toContain('97.0 % of the allowed concurrency');
});
