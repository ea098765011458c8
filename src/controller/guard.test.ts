import { describe, expect, test } from 'vitest';
import { WriteGuard } from './guard.ts';
import { jobs } from './kinds.ts';
import type { KubernetesObject } from './object.ts';
import { Store } from './store.ts';

const job = (name: string, version: number, more: object = {}): KubernetesObject => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name, namespace: 'ns', uid: `uid-${name}`, resourceVersion: String(version), ...more },
});

describe('reading your writes', () => {
  test('an owner waits until the cache has what it wrote, and others do not', () => {
    const store = new Store();
    const guard = new WriteGuard(() => store);
    guard.wrote('ns/a', jobs, job('j', 10), 0);
    expect(guard.isCaughtUp('ns/b', 0)).toBe(true);
    expect(guard.isCaughtUp('ns/a', 0)).toBe(false);
    store.put(job('j', 9));
    expect(guard.isCaughtUp('ns/a', 0)).toBe(false);
    store.put(job('j', 10));
    expect(guard.isCaughtUp('ns/a', 0)).toBe(true);
  });

  test('an object that was deleted again is waited for no longer than its version', () => {
    const store = new Store();
    const guard = new WriteGuard(() => store);
    guard.wrote('ns/a', jobs, job('j', 10), 0);
    store.setVersion('', '11');
    expect(guard.isCaughtUp('ns/a', 0)).toBe(true);
  });

  test('a removed object is waited for until it is gone, going, or somebody else', () => {
    for (const next of [undefined, job('j', 12, { deletionTimestamp: 'now' }), job('j', 12, { uid: 'other' })]) {
      const store = new Store();
      store.put(job('j', 5));
      const guard = new WriteGuard(() => store);
      guard.removed('ns/a', jobs, { namespace: 'ns', name: 'j', uid: 'uid-j' }, 0);
      expect(guard.isCaughtUp('ns/a', 0)).toBe(false);
      if (next === undefined) store.delete(job('j', 12));
      else store.put(next);
      expect(guard.isCaughtUp('ns/a', 0)).toBe(true);
    }
  });

  test('nobody waits for ever', () => {
    const guard = new WriteGuard(() => new Store());
    guard.wrote('ns/a', jobs, job('j', 10), 0);
    expect(guard.isCaughtUp('ns/a', 299_000)).toBe(false);
    expect(guard.isCaughtUp('ns/a', 301_000)).toBe(true);
  });
});
