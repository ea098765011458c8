import { describe, expect, it } from 'vitest';
import { withBlock } from './evidence.ts';
import type { Counts, Evidence } from './evidence.ts';

/** The same draws in every run. */
function draws(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface World {
  /** chances of the two backends in a block */
  chances: (block: number) => [stable: number, candidate: number];
  /** requests of a block */
  sizes: (block: number) => [stable: number, candidate: number];
  blocks: number;
}

const sum = (a: Counts, b: Counts): Counts => ({
  requests: a.requests + b.requests,
  successes: a.successes + b.successes,
});

/** The most evidence that was ever seen, when one looks after each block. */
function peeked({ chances, sizes, blocks }: World, draw: () => number): Evidence {
  let past = { stable: { requests: 0, successes: 0 }, candidate: { requests: 0, successes: 0 } };
  let now: Evidence = { better: 0, worse: 0 };
  const most = { ...now };
  const drawn = (requests: number, chance: number): Counts => {
    let successes = 0;
    for (let one = 0; one < requests; one++) if (draw() < chance) successes++;
    return { requests, successes };
  };
  for (let index = 0; index < blocks; index++) {
    const [forStable, forCandidate] = chances(index);
    const [stableSize, candidateSize] = sizes(index);
    const block = { stable: drawn(stableSize, forStable), candidate: drawn(candidateSize, forCandidate) };
    now = withBlock(now, past, block);
    past = { stable: sum(past.stable, block.stable), candidate: sum(past.candidate, block.candidate) };
    most.better = Math.max(most.better, now.better);
    most.worse = Math.max(most.worse, now.worse);
  }
  return most;
}

const alpha = 0.05;
const limit = Math.log(1 / alpha);

/** Share of the repetitions in which the candidate was ever called better, and worse. */
function rates(world: World, repetitions = 1000) {
  const draw = draws(42);
  const all = Array.from({ length: repetitions }, () => peeked(world, draw));
  const share = (side: keyof Evidence) => all.filter((one) => one[side] >= limit).length / repetitions;
  return { better: share('better'), worse: share('worse') };
}

const steps = (index: number): [number, number] => (index < 30 ? [95, 5] : index < 60 ? [75, 25] : [50, 50]);

describe('[C76] [17] two backends without a difference, looked at after each block', () => {
  it.each<[string, World]>([
    ['of a middling chance', { chances: () => [0.5, 0.5], sizes: () => [20, 20], blocks: 100 }],
    ['of a rare failure', { chances: () => [0.98, 0.98], sizes: () => [50, 50], blocks: 100 }],
    ['with weights that rise', { chances: () => [0.8, 0.8], sizes: steps, blocks: 100 }],
    [
      'with chances that drift while the weights rise',
      { chances: (index) => [0.9 - index / 250, 0.9 - index / 250], sizes: steps, blocks: 100 },
    ],
    ['in blocks of single requests', { chances: () => [0.7, 0.7], sizes: () => [1, 1], blocks: 500 }],
  ])('%s: either verdict comes at most as often as alpha says', (_, world) => {
    const { better, worse } = rates(world);
    // three standard errors of 1000 repetitions
    const most = alpha + 3 * Math.sqrt((alpha * (1 - alpha)) / 1000);
    expect(better).toBeLessThanOrEqual(most);
    expect(worse).toBeLessThanOrEqual(most);
  });

  it('a fixed test at each look would be wrong far more often', () => {
    const draw = draws(42);
    const isFooled = (): boolean => {
      const counts = { stable: { requests: 0, successes: 0 }, candidate: { requests: 0, successes: 0 } };
      for (let index = 0; index < 100; index++) {
        for (const arm of [counts.stable, counts.candidate])
          for (let one = 0; one < 20; one++) {
            arm.requests++;
            if (draw() < 0.5) arm.successes++;
          }
        const { requests } = counts.stable;
        const difference = (counts.candidate.successes - counts.stable.successes) / requests;
        if (difference / Math.sqrt(0.5 / requests) > 1.645) return true;
      }
      return false;
    };
    const fooled = Array.from({ length: 300 }, isFooled).filter(Boolean).length / 300;
    expect(fooled).toBeGreaterThan(3 * alpha);
  });
});

describe('[C76] a difference is found', () => {
  it.each([
    ['better', 0.75, 0.8],
    ['worse', 0.8, 0.75],
  ] as const)('%s', (side, stable, candidate) => {
    const found = rates({ chances: () => [stable, candidate], sizes: () => [50, 50], blocks: 100 }, 200);
    expect(found[side]).toBeGreaterThan(0.8);
    expect(found[side === 'better' ? 'worse' : 'better']).toBeLessThan(alpha);
  });

  it('a block in which one backend had no request tells nothing', () => {
    const none = { requests: 0, successes: 0 };
    const some = { requests: 10, successes: 1 };
    const before = { better: 1, worse: 2 };
    const past = { stable: some, candidate: some };
    expect(withBlock(before, past, { stable: some, candidate: none })).toEqual(before);
    expect(withBlock(before, past, { stable: none, candidate: some })).toEqual(before);
  });
});
