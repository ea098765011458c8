import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ApiError } from './errors.ts';
import { LeaderElection } from './leader.ts';
import { silentLog } from './log.ts';
import type { Transport } from './transport.ts';

interface Lease {
  metadata: { resourceVersion?: string };
  spec: { holderIdentity: string; leaseTransitions: number; renewTime: string };
}

/** A server with one Lease and optimistic concurrency, whose answers can fail. */
function leaseServer() {
  let lease: Lease | undefined;
  let version = 0;
  const server = { isDown: false, holder: () => lease?.spec.holderIdentity, lease: () => lease };
  const store = (body: Lease): Lease => {
    version += 1;
    lease = { ...body, metadata: { ...body.metadata, resourceVersion: String(version) } };
    return lease;
  };
  const answer = (method: string, body: Lease): Lease => {
    if (server.isDown) throw new ApiError(500, {});
    if (method === 'GET' && lease === undefined) throw new ApiError(404, {});
    if (method === 'GET') return lease!;
    if (method === 'POST' && lease !== undefined) throw new ApiError(409, { reason: 'AlreadyExists' });
    if (method === 'PUT' && body.metadata.resourceVersion !== String(version))
      throw new ApiError(409, { reason: 'Conflict' });
    return store(body);
  };
  const transport: Transport = {
    // eslint-disable-next-line @typescript-eslint/require-await -- a throw must become a rejection
    request: async (method, _path, options) => answer(method, options?.body as Lease),
    watch: () => {
      throw new Error('no watches here');
    },
    close: () => Promise.resolve(),
  };
  return { server, transport };
}

const elect = (transport: Transport, identity: string): LeaderElection =>
  new LeaderElection({
    transport,
    namespace: 'ns',
    name: 'lease',
    identity,
    log: silentLog,
    random: () => 0,
    clock: Date.now,
  });

let stop: AbortController;
beforeEach(() => {
  vi.useFakeTimers();
  stop = new AbortController();
});
afterEach(() => {
  stop.abort();
  vi.useRealTimers();
});

describe('leader election', () => {
  test('has one leader of two, and the other one follows after a release at once', async () => {
    const { server, transport } = leaseServer();
    const [a, b] = [elect(transport, 'a'), elect(transport, 'b')];
    expect(await a.acquire(stop.signal)).toBe(true);
    const second = b.acquire(stop.signal);
    await vi.advanceTimersByTimeAsync(17_000);
    expect(b.isLeader()).toBe(true);
    expect(await second).toBe(true);
    await b.release();
    expect(b.isLeader()).toBe(false);
    expect(server.holder()).toBe('');
    expect(await a.acquire(stop.signal)).toBe(true);
  });

  test('a release in the middle of a renewal gives the lease back all the same', async () => {
    const { server, transport } = leaseServer();
    const slow: Transport = {
      ...transport,
      request: async (...asked) => {
        const answered = await transport.request(...asked);
        await new Promise((resolve) => setTimeout(resolve, 100));
        return answered;
      },
    };
    const a = elect(slow, 'a');
    const acquired = a.acquire(stop.signal);
    await vi.advanceTimersByTimeAsync(1000);
    expect(await acquired).toBe(true);
    void a.keep(stop.signal);
    // a renewal is asked for after two seconds; both of its answers are on their way for a tenth of a second
    for (const moment of [2050, 2150]) {
      await vi.advanceTimersByTimeAsync(moment);
      stop.abort();
      const released = a.release();
      await vi.advanceTimersByTimeAsync(1000);
      await released;
      expect(server.holder()).toBe('');
      stop = new AbortController();
      const again = a.acquire(stop.signal);
      await vi.advanceTimersByTimeAsync(1000);
      expect(await again).toBe(true);
      void a.keep(stop.signal);
    }
  });

  test('a leader that renews keeps the lease', async () => {
    const { server, transport } = leaseServer();
    const [a, b] = [elect(transport, 'a'), elect(transport, 'b')];
    await a.acquire(stop.signal);
    const kept = a.keep(stop.signal);
    void b.acquire(stop.signal);
    await vi.advanceTimersByTimeAsync(120_000);
    expect([a.isLeader(), b.isLeader(), server.holder()]).toEqual([true, false, 'a']);
    stop.abort();
    expect(await kept).toBe('stopped');
  });

  test('a leader that cannot renew gives up before another one may take over', async () => {
    const { server, transport } = leaseServer();
    const a = elect(transport, 'a');
    await a.acquire(stop.signal);
    const kept = a.keep(stop.signal);
    server.isDown = true;
    await vi.advanceTimersByTimeAsync(9900);
    expect(a.isLeader()).toBe(true);
    await vi.advanceTimersByTimeAsync(2200);
    expect(a.isLeader()).toBe(false);
    expect(await kept).toBe('lost');
  });

  test('a dead leader is replaced within twenty seconds, counted from when it was last seen alive', async () => {
    const { transport } = leaseServer();
    const [a, b] = [elect(transport, 'a'), elect(transport, 'b')];
    await a.acquire(stop.signal);
    void b.acquire(stop.signal);
    await vi.advanceTimersByTimeAsync(14_000);
    expect(b.isLeader()).toBe(false);
    await vi.advanceTimersByTimeAsync(4000);
    expect(b.isLeader()).toBe(true);
  });

  test('times have the six digits that the API server asks for', async () => {
    const { server, transport } = leaseServer();
    await elect(transport, 'a').acquire(stop.signal);
    expect(server.lease()?.spec.renewTime).toMatch(/T\d\d:\d\d:\d\d\.\d{6}Z$/);
  });
});
