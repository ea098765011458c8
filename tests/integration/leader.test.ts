import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { LeaderElection } from '../../src/controller/leader.ts';
import { silentLog } from '../../src/controller/log.ts';
import { adminTransport } from './install.ts';
import { freshNamespace } from './namespace.ts';
import { until } from './until.ts';

const admin = adminTransport(inject('apiServer'));
let stop: AbortController;
beforeEach(() => {
  stop = new AbortController();
});
afterEach(() => stop.abort());

/** Shorter than those in use, in the same order. */
const short = { leaseMs: 5000, renewMs: 3000, retryMs: 200 };
/** A lease that runs out in no test: who takes it over took it because it was given back. */
const long = { leaseMs: 3_600_000, renewMs: 1_800_000, retryMs: 200 };

const elections = (namespace: string, times: typeof short) => (identity: string) =>
  new LeaderElection({ transport: admin, namespace, name: 'lease', identity, log: silentLog, ...times });

test('of two replicas one leads; the other takes over once the lease is given back', async () => {
  const elect = elections(await freshNamespace(admin, 'leader'), long);
  const [a, b] = [elect('a'), elect('b')];

  const first = new AbortController();
  expect(await a.acquire(first.signal)).toBe(true);
  void a.keep(first.signal);
  const second = b.acquire(stop.signal);
  await new Promise((resolve) => setTimeout(resolve, 2000));
  expect([a.isLeader(), b.isLeader()]).toEqual([true, false]);

  first.abort();
  await a.release();
  expect(await second).toBe(true);
  expect(a.isLeader()).toBe(false);
});

test('a lease whose holder died is taken over once it has run out', async () => {
  const elect = elections(await freshNamespace(admin, 'leader'), short);
  const [b, c] = [elect('b'), elect('c')];
  // b leads and is never heard of again
  expect(await b.acquire(stop.signal)).toBe(true);
  void c.acquire(stop.signal);
  await until('the other leader', () => c.isLeader());
  expect(b.isLeader()).toBe(false);
});
