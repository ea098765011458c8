import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Operator } from '../../src/operator.ts';
import { aDigest } from '../builders/objects.ts';
import { adminTransport } from './install.ts';
import { freshNamespace } from './namespace.ts';
import { runningOperator } from './running-operator.ts';
import { SimulatedChain } from './simulated-chain.ts';
import { until } from './until.ts';

const server = inject('apiServer');
const admin = adminTransport(server);

async function start(interval: string) {
  const namespace = await freshNamespace(admin, 'loop');
  const operator = await runningOperator(server, namespace);
  const chain = new SimulatedChain(admin, namespace);
  await chain.create(interval);
  return { operator, chain };
}

describe('[C77] the loop by its interval', () => {
  let operator: Operator;
  let chain: SimulatedChain;
  beforeAll(async () => {
    ({ operator, chain } = await start('10s'));
  });
  afterAll(() => operator.stop());

  test.each([
    ['a first adapter that is better is promoted', 'one', 20, 'Passed', 'one'],
    ['an equal one is inconclusive, and the first stays', 'two', 0, 'Inconclusive', 'one'],
    ['a worse one fails, and the first stays', 'three', -20, 'Failed', 'one'],
    ['a better one is promoted in its place', 'four', 20, 'Passed', 'four'],
  ])('after a changed revision %s', async (_, revision, delta, verdict, promoted) => {
    await chain.fetch(revision);
    await chain.generate(revision);
    await chain.train(revision);
    await chain.evaluate(revision, delta);
    expect((await chain.read('evaluate')).status?.gate?.verdict).toBe(verdict);
    await until('what others read', async () => (await chain.promoted()) === aDigest(`adapter ${promoted}`));
  });

  test('an unchanged revision starts nothing behind it', async () => {
    const before = await Promise.all((['generate', 'train', 'evaluate'] as const).map((stage) => chain.jobsOf(stage)));
    await chain.fetch('four');
    await sleep(1000);
    const after = await Promise.all((['generate', 'train', 'evaluate'] as const).map((stage) => chain.jobsOf(stage)));
    const names = (all: typeof before) => all.flat().map(({ metadata }) => metadata.name);
    expect(names(after)).toEqual(names(before));
  });
});

const outcomes = ['better', 'equal', 'worse', 'unchanged', 'training fails', 'evaluation fails'] as const;
type Outcome = (typeof outcomes)[number];

const deltas: Partial<Record<Outcome, number>> = { better: 20, equal: 0, worse: -20 };

/** One round after a push; gives the revision that the documents then have. */
async function round(chain: SimulatedChain, outcome: Outcome, revision: string, before: string): Promise<string> {
  await chain.ask(`round ${revision}`);
  const documents = outcome === 'unchanged' ? before : revision;
  await chain.fetch(documents);
  if (outcome === 'unchanged') return documents;
  await chain.generate(revision);
  if (outcome === 'training fails') {
    await chain.fail('train');
    return documents;
  }
  await chain.train(revision);
  const delta = deltas[outcome];
  if (delta === undefined) await chain.fail('evaluate');
  else await chain.evaluate(revision, delta);
  return documents;
}

test(
  '[C77] [20] ten rounds with any outcomes: only a better adapter is ever promoted, and it stays until the next better one',
  { timeout: 240_000 },
  async () => {
    const rounds = fc.array(fc.constantFrom(...outcomes), { minLength: 10, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(rounds, async (drawn) => {
        const { operator, chain } = await start('1h');
        try {
          // the model: what should be promoted
          let expected: string | undefined;
          let documents = '';
          const passed: string[] = [];
          await chain.fetch('0');
          documents = '0';
          await chain.generate('0');
          await chain.train('0');
          await chain.evaluate('0', -20);
          for (const [index, outcome] of drawn.entries()) {
            const revision = String(index + 1);
            documents = await round(chain, outcome, revision, documents);
            if (outcome === 'better') {
              expected = aDigest(`adapter ${revision}`);
              passed.unshift(expected);
              await until('what others read', async () => (await chain.promoted()) === expected);
            }
            const status = (await chain.read('evaluate')).status;
            expect(status?.promoted?.artifact.digest, `round ${revision}: ${outcome}`).toBe(expected);
            expect(await chain.promoted()).toBe(expected);
          }
          const { history = [] } = (await chain.read('evaluate')).status ?? {};
          const measured = drawn.filter((outcome) => deltas[outcome] !== undefined);
          expect(history).toHaveLength(measured.length + 1);
          const promoted = history.filter((entry) => entry.promoted);
          expect(promoted.map(({ artifact }) => artifact.digest)).toEqual(passed);
        } finally {
          await operator.stop();
        }
      }),
      // a failure prints its seed; a smaller example would take minutes to find
      { numRuns: 1, endOnFailure: true },
    );
  },
);
