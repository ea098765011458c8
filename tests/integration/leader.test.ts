import { afterEach, expect, inject, test } from 'vitest';
import { LeaderElection } from '../../src/controller/leader.ts';
import { silentLog } from '../../src/controller/log.ts';
import { adminTransport } from './install.ts';
import { freshNamespace } from './namespace.ts';
import { until } from './until.ts';

const admin = adminTransport(inject('apiServer'));
const stop = new AbortController();
afterEach(() => stop.abort());

/** Shorter than those in use, in the same order. */
const fast = { leaseMs: 5000, renewMs: 3000, retryMs: 200 };

test('of two replicas one leads; the other takes over after a release at once, and after a death in time', async () => {
  const namespace = await freshNamespace(admin, 'leader');
  const elect = (identity: string) =>
    new LeaderElection({ transport: admin, namespace, name: 'lease', identity, log: silentLog, ...fast });
  const [a, b, c] = [elect('a'), elect('b'), elect('c')];

  const first = new AbortController();
  expect(await a.acquire(first.signal)).toBe(true);
  void a.keep(first.signal);
  const second = b.acquire(stop.signal);
  await new Promise((resolve) => setTimeout(resolve, 6000));
  expect([a.isLeader(), b.isLeader()]).toEqual([true, false]);

  first.abort();
  await a.release();
  const releasedAt = Date.now();
  expect(await second).toBe(true);
  expect(Date.now() - releasedAt).toBeLessThan(3000);
  expect(a.isLeader()).toBe(false);

  // b dies: nobody renews its lease
  const diedAt = Date.now();
  void c.acquire(stop.signal);
  await until('the third leader', () => c.isLeader());
  expect(Date.now() - diedAt).toBeGreaterThan(4000);
  expect(b.isLeader()).toBe(false);
});
