import { describe, expect, test } from 'vitest';
import type { KubernetesObject } from './object.ts';
import { Store } from './store.ts';

const object = (name: string, version: number, more: Partial<KubernetesObject['metadata']> = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: { name, namespace: 'ns', uid: `uid-${name}`, resourceVersion: String(version), ...more },
});
const ownedBy = (uid: string) => ({ ownerReferences: [{ apiVersion: 'v1', kind: 'Owner', name: 'o', uid }] });

function recorded() {
  const changes: string[] = [];
  const store = new Store(
    ({ type, object: { metadata }, isInitial }) =>
      changes.push(`${type} ${metadata.uid ?? ''}${isInitial ? ' at first' : ''}`),
    ({ metadata }) => (metadata.labels?.needs === undefined ? [] : [metadata.labels.needs]),
  );
  return { store, changes };
}

describe('a store', () => {
  test('tells what came, changed and went, but not what stayed the same', () => {
    const { store, changes } = recorded();
    store.put(object('a', 1));
    store.put(object('a', 1));
    store.put(object('a', 2));
    store.delete(object('a', 3));
    store.delete(object('a', 3));
    expect(changes).toEqual(['added uid-a', 'modified uid-a', 'deleted uid-a']);
  });

  test('learns from a list what was deleted while nobody looked', () => {
    const { store, changes } = recorded();
    store.replace([object('a', 1), object('b', 1)], '');
    store.setVersion('', '5');
    store.replace([object('b', 1), object('c', 7)], '');
    expect(changes).toEqual(['added uid-a at first', 'added uid-b at first', 'deleted uid-a', 'added uid-c']);
    expect(store.size).toBe(2);
  });

  test('keeps the objects of other namespaces when the list of one is replaced', () => {
    const { store } = recorded();
    store.put(object('a', 1, { namespace: 'one' }));
    store.put(object('a', 1, { namespace: 'two' }));
    store.replace([], 'one');
    expect([...store.all()].map(({ metadata }) => metadata.namespace)).toEqual(['two']);
  });

  test('tells the end of an object that has a namesake now', () => {
    const { store, changes } = recorded();
    store.put(object('a', 1, { uid: 'old', ...ownedBy('x') }));
    store.put(object('a', 9, { uid: 'new' }));
    expect(changes).toEqual(['added old', 'deleted old', 'modified new']);
    expect(store.ownedBy('x')).toEqual([]);
  });

  test('finds what an owner has, sorted by name, and forgets what has left', () => {
    const { store } = recorded();
    store.put(object('b', 1, ownedBy('x')));
    store.put(object('a', 1, ownedBy('x')));
    store.put(object('c', 1, ownedBy('y')));
    expect(store.ownedBy('x').map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
    store.put(object('a', 2));
    store.delete(object('b', 2));
    expect(store.ownedBy('x')).toEqual([]);
  });

  test('finds who references a thing, whether it exists or not', () => {
    const { store } = recorded();
    store.put(object('a', 1, { labels: { needs: 'ns/rows' } }));
    expect(store.referrers('ns/rows')).toEqual(['ns/a']);
    store.put(object('a', 2, { labels: { needs: 'ns/other' } }));
    expect(store.referrers('ns/rows')).toEqual([]);
  });

  test('gives frozen objects, so that no reader can change the cache', () => {
    const { store } = recorded();
    store.put(object('a', 1, { labels: { a: 'b' } }));
    expect(() => Object.assign(store.get('ns/a')?.metadata.labels ?? {}, { a: 'c' })).toThrow(TypeError);
  });

  test('compares versions as numbers', () => {
    const { store } = recorded();
    store.setVersion('', '10');
    expect([store.hasSeen('ns', '9'), store.hasSeen('ns', '10'), store.hasSeen('ns', '11')]).toEqual([
      true,
      true,
      false,
    ]);
    expect(new Store().hasSeen('ns', '1')).toBe(false);
  });
});
