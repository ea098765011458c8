import { expect, test } from 'vitest';
import { createPace, type Clock } from './pace.ts';
import { retryAfterOf } from './retry-after.ts';

/** A clock that goes on to the next sleeper when everybody sleeps. */
function createClock(): Clock & { run(): Promise<void> } {
  let time = 0;
  const sleepers: { until: number; wake: () => void }[] = [];
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    now: () => time,
    sleep: (ms) => new Promise((wake) => sleepers.push({ until: time + ms, wake })),
    async run() {
      for (await settle(); sleepers.length > 0; await settle()) {
        sleepers.sort((a, b) => a.until - b.until);
        const next = sleepers.shift()!;
        time = Math.max(time, next.until);
        next.wake();
      }
    },
  };
}

const { signal } = new AbortController();

async function turns(act: (pace: ReturnType<typeof createPace>, take: (host: string) => void) => void, rate = 10) {
  const clock = createClock();
  const pace = createPace(rate, clock);
  const taken: [string, number][] = [];
  act(pace, (host) => void pace.turn(host, signal).then(() => taken.push([host, clock.now()])));
  await clock.run();
  return { taken, clock, pace };
}

test('requests to one host are apart, and hosts do not wait for one another', async () => {
  const { taken } = await turns((_pace, take) => ['a', 'a', 'b', 'a'].forEach(take));
  expect(taken).toEqual([
    ['a', 0],
    ['b', 0],
    ['a', 100],
    ['a', 200],
  ]);
});

test('a host that asks for a longer pause gets it, a shorter one changes nothing', async () => {
  const { taken } = await turns((pace, take) => {
    pace.slowDown('a', 1000);
    pace.slowDown('b', 10);
    ['a', 'a', 'b', 'b'].forEach(take);
  });
  expect(taken).toEqual([
    ['a', 0],
    ['b', 0],
    ['b', 100],
    ['a', 1000],
  ]);
});

test('who waits already waits for the end of a pause too, and then one after another', async () => {
  const { taken } = await turns((pace, take) => {
    ['a', 'a', 'a'].forEach(take);
    pace.pause('a', 5000);
  });
  expect(taken).toEqual([
    ['a', 0],
    ['a', 5000],
    ['a', 5100],
  ]);
});

test('Retry-After is seconds or a date', () => {
  const now = new Date('2026-01-01T00:00:00Z');
  const read = (text: string | undefined) => retryAfterOf(text, now);
  expect(read('120')).toBe(120_000);
  expect(read('Thu, 01 Jan 2026 00:00:30 GMT')).toBe(30_000);
  expect(read('Wed, 31 Dec 2025 00:00:00 GMT')).toBe(0);
  expect([read(undefined), read('soon'), read('-5'), read('99999999999')]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
