import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ApiError } from './errors.ts';
import { configMaps } from './kinds.ts';
import { silentLog } from './log.ts';
import { Reflector } from './reflector.ts';
import { Store } from './store.ts';
import type { Query, Transport, WatchEvent } from './transport.ts';

const map = (name: string, version: number) => ({
  metadata: { name, namespace: 'ns', resourceVersion: String(version) },
});
const added = (name: string, version: number): WatchEvent => ({ type: 'ADDED', object: map(name, version) });
const bookmark = (version: number, annotations = {}): WatchEvent => ({
  type: 'BOOKMARK',
  object: { metadata: { resourceVersion: String(version), annotations } },
});
const listEnd = (version: number): WatchEvent => bookmark(version, { 'k8s.io/initial-events-end': 'true' });

/** What the server does with one watch: events, then an error, an end, or silence. */
type Script = readonly (WatchEvent | Error | 'end')[];

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function fakeServer(scripts: readonly Script[]) {
  const queries: Query[] = [];
  const transport: Transport = {
    request: () => Promise.reject(new Error('no lists here')),
    close: () => Promise.resolve(),
    async *watch(_path, query, signal) {
      const script = scripts[queries.length] ?? [];
      queries.push(query);
      for (const step of script) {
        if (step instanceof Error) throw step;
        if (step === 'end') return;
        yield [step];
      }
      await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
      await later(0);
    },
  };
  return { transport, queries };
}

let stop: AbortController;
const start = (scripts: readonly Script[]) => {
  const { transport, queries } = fakeServer(scripts);
  const store = new Store();
  const reflector = new Reflector({ transport, kind: configMaps, store, log: silentLog, random: () => 0 });
  void reflector.run(stop.signal);
  const names = (): string[] => [...store.all()].map(({ metadata }) => metadata.name);
  return { reflector, queries, store, names };
};

beforeEach(() => {
  vi.useFakeTimers();
  stop = new AbortController();
});
afterEach(() => {
  stop.abort();
  vi.useRealTimers();
});

describe('a reflector', () => {
  test('has synced when the stream of initial objects is complete, not before', async () => {
    const half = start([[added('a', 1)]]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(half.reflector.hasSynced).toBe(false);
    expect(half.names()).toEqual([]);
    const whole = start([[added('a', 1), listEnd(5)]]);
    await vi.advanceTimersByTimeAsync(0);
    expect(whole.reflector.hasSynced).toBe(true);
    expect(whole.names()).toEqual(['a']);
    expect(whole.queries[0]).toMatchObject({ sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' });
  });

  test('takes up a watch that ended where it was, at the version of the last bookmark', async () => {
    const { queries, reflector } = start([[listEnd(5), bookmark(9), 'end'], []]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(queries[1]).toMatchObject({ resourceVersion: '9' });
    expect(queries[1]).not.toHaveProperty('sendInitialEvents');
    expect(reflector.restarts).toBe(0);
  });

  test('serves the old content after a 410 until the new one is complete, then drops what is gone', async () => {
    const gone: WatchEvent = { type: 'ERROR', object: { code: 410, reason: 'Expired', message: 'too old' } };
    const { names, queries } = start([[added('a', 1), listEnd(5), gone], [added('b', 7)], []]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(queries[1]).toMatchObject({ sendInitialEvents: true });
    expect(names()).toEqual(['a']);
    const again = start([
      [added('a', 1), listEnd(5), new ApiError(410, {})],
      [added('b', 7), listEnd(8)],
    ]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(again.names()).toEqual(['b']);
    expect(again.reflector.restarts).toBe(1);
  });

  test('begins anew when not even a bookmark comes for two minutes', async () => {
    const { queries, reflector } = start([
      [added('a', 1), listEnd(5)],
      [added('a', 1), listEnd(6)],
    ]);
    await vi.advanceTimersByTimeAsync(119_000);
    expect(queries).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(3000);
    expect(queries[1]).toMatchObject({ sendInitialEvents: true });
    expect(reflector.restarts).toBe(1);
  });

  test('waits longer and longer for a server that fails, 30 seconds at most', async () => {
    const failing = Array.from({ length: 60 }, (): Script => [new ApiError(500, {})]);
    const { queries } = start(failing);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(queries.length).toBeLessThan(6);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(queries.length).toBeGreaterThan(20);
    expect(queries.length).toBeLessThan(40);
  });

  test('does not ask in a tight loop when the server ends each watch at once', async () => {
    const { queries } = start([[listEnd(5), 'end'], ...Array.from({ length: 1000 }, (): Script => ['end'])]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(queries.length).toBeLessThan(12);
  });

  test('drops an object that is deleted while the initial objects come', async () => {
    const deleted: WatchEvent = { type: 'DELETED', object: map('a', 3) };
    const { names } = start([[added('a', 1), added('b', 2), deleted, listEnd(5)]]);
    await vi.advanceTimersByTimeAsync(0);
    expect(names()).toEqual(['b']);
  });
});
