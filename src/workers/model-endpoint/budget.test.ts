import { expect, test } from 'vitest';
import { createBudget } from './budget.ts';

test('a request waits for room that another may give back, and fails when none is coming', async () => {
  const budget = createBudget(100);
  const first = await budget.reserve(60);
  const waiting = budget.reserve(60);
  first(10);
  const second = await waiting;
  second(60);
  await expect(budget.reserve(60)).rejects.toMatchObject({ exit: 'budget', reason: 'BudgetExceeded' });
  await expect(budget.reserve(30)).resolves.toBeTypeOf('function');
});

test('what an earlier attempt has paid counts', async () => {
  const budget = createBudget(100);
  budget.spend(90);
  await expect(budget.reserve(20)).rejects.toThrow('spec.budget.maxTokens 100');
});

test('no limit, no wait', async () => {
  const budget = createBudget(null);
  await expect(Promise.all([budget.reserve(1e9), budget.reserve(1e9)])).resolves.toHaveLength(2);
});
