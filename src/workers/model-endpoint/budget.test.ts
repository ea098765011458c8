import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createBudget, type BudgetOptions } from './budget.ts';
import type { TokenCounts } from './question.ts';

const tokens = (input: number, output = 0, cachedInput = 0): TokenCounts => ({ input, cachedInput, output });
const prices = { input: 2, cachedInput: 0.5, output: 8 };
/** of a run with one endpoint, without prices of its own */
const alone = (options: BudgetOptions) => createBudget(options).at(null);
const ofTokens = (maxTokens: number) => alone({ maxTokens, maxCost: null, prices: null });

describe('[T25] the hard cap', () => {
  test('a request waits for room that another may give back, and fails when none is coming', async () => {
    const budget = ofTokens(100);
    const first = await budget.reserve(tokens(40, 20));
    const waiting = budget.reserve(tokens(60));
    first(tokens(10));
    const second = await waiting;
    second(tokens(60));
    await expect(budget.reserve(tokens(60))).rejects.toMatchObject({ exit: 'budget', reason: 'BudgetExceeded' });
  });

  test('once there is no room, nothing smaller is asked either', async () => {
    const budget = ofTokens(100);
    await expect(budget.reserve(tokens(101))).rejects.toThrow('spec.budget.maxTokens 100');
    await expect(budget.reserve(tokens(1))).rejects.toThrow('spec.budget.maxTokens 100');
  });

  test('what an earlier process has paid counts', async () => {
    const budget = createBudget({ maxTokens: 100, maxCost: 0.1, prices });
    budget.spend(tokens(50), 0.09);
    await expect(budget.at(null).reserve(tokens(60))).rejects.toThrow('50 are used and it may take 60');
    const dear = createBudget({ maxTokens: null, maxCost: 0.1, prices });
    dear.spend(tokens(90), 0.09);
    await expect(dear.at(null).reserve(tokens(1e4))).rejects.toThrow('0.09 are used and it may take 0.02');
  });

  test('money is capped with the prices of prompt, cached prompt and answer', async () => {
    const budget = alone({ maxTokens: null, maxCost: 1, prices });
    expect(budget.costOf(tokens(1e6, 1e5, 4e5))).toBeCloseTo(0.6 * 2 + 0.4 * 0.5 + 0.1 * 8);
    const settle = await budget.reserve(tokens(4e5, 1e4));
    settle(tokens(4e5, 0, 4e5));
    await expect(budget.reserve(tokens(4e5, 1e4))).rejects.toThrow(
      'spec.budget.maxCost 1 has no room for the next request: 0.2 are used and it may take 0.88',
    );
  });

  test('each endpoint counts with its own prices, against one limit', async () => {
    const budget = createBudget({ maxTokens: null, maxCost: 1, prices });
    const [writer, judge] = [budget.at(null), budget.at({ input: 0.2, cachedInput: 0.1, output: 0.4 })];
    expect(judge.costOf(tokens(1e6, 1e6, 5e5))).toBeCloseTo(0.1 + 0.05 + 0.4);
    (await writer.reserve(tokens(4e5)))(tokens(4e5));
    (await judge.reserve(tokens(5e5)))(tokens(5e5));
    await expect(writer.reserve(tokens(6e4))).rejects.toThrow('0.9 are used and it may take 0.12');
  });

  test('money without prices is no limit that could hold', () => {
    expect(() => createBudget({ maxTokens: null, maxCost: 1, prices: null })).toThrow('spec.budget.prices');
  });

  test('no limit, no wait', async () => {
    const budget = alone({ maxTokens: null, maxCost: null, prices: null });
    await expect(Promise.all([budget.reserve(tokens(1e9)), budget.reserve(tokens(1e9))])).resolves.toHaveLength(2);
    expect(budget.costOf(tokens(1))).toBeNull();
  });

  test('is never passed, whatever is asked at the same time and however little of it is used', async () => {
    const request = fc.record({
      worst: fc.integer({ min: 1, max: 50 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(request, { maxLength: 40 }),
        fc.integer({ min: 1, max: 300 }),
        async (requests, most) => {
          const budget = ofTokens(most);
          let used = 0;
          const ask = async ({ worst, share }: (typeof requests)[number]): Promise<void> => {
            const settle = await budget.reserve(tokens(worst));
            await Promise.resolve();
            const spent = Math.round(worst * share);
            used += spent;
            settle(tokens(spent));
          };
          const results = await Promise.allSettled(requests.map(ask));
          expect(used).toBeLessThanOrEqual(most);
          // what was not used is free again, to the last token
          if (results.some(({ status }) => status === 'rejected')) return;
          await expect(budget.reserve(tokens(most - used))).resolves.toBeTypeOf('function');
        },
      ),
      { numRuns: 100 },
    );
  });
});
