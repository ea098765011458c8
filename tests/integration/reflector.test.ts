import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { ApiError } from '../../src/controller/errors.ts';
import { configMaps, resource } from '../../src/controller/kinds.ts';
import type { ResourceKind } from '../../src/controller/kinds.ts';
import { silentLog } from '../../src/controller/log.ts';
import { pathOf } from '../../src/controller/paths.ts';
import { Reflector } from '../../src/controller/reflector.ts';
import { Store } from '../../src/controller/store.ts';
import type { Change } from '../../src/controller/store.ts';
import type { Transport } from '../../src/controller/transport.ts';
import { startProxy } from './cuttable-proxy.ts';
import type { CuttableProxy } from './cuttable-proxy.ts';
import { adminTransport, transportFor } from './install.ts';
import { freshNamespace } from './namespace.ts';
import { until } from './until.ts';

const docSources = resource({ group: 'doctune.dev', version: 'v1alpha1', kind: 'DocSource', plural: 'docsources' });
const server = inject('apiServer');
const admin = adminTransport(server);

let proxy: CuttableProxy;
let transport: Transport;
let namespace: string;
let changes: string[];
let store: Store;
let stop: AbortController;
let reflector: Reflector;

const describeChange = ({ type, object }: Change): string => `${type} ${object.metadata.name}`;
const path = (name?: string): string => pathOf(configMaps, namespace, name);
const create = (name: string): Promise<unknown> =>
  admin.request('POST', path(), {
    body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { v: '0' } },
  });
const update = (name: string, v: string): Promise<unknown> =>
  admin.request('PATCH', path(name), { body: { data: { v } }, contentType: 'application/merge-patch+json' });
const valueOf = (name: string): unknown =>
  (store.get(`${namespace}/${name}`) as { data?: Record<string, string> } | undefined)?.data?.v;

interface Options {
  silenceMs?: number;
  pageSize?: number;
  via?: Transport;
  kind?: ResourceKind;
}

function startReflector(options: Options = {}): void {
  reflector = new Reflector({
    transport: options.via ?? transport,
    kind: configMaps,
    namespace,
    store,
    log: silentLog,
    ...options,
  });
  void reflector.run(stop.signal);
}

beforeEach(async () => {
  proxy = await startProxy(Number(new URL(server.url).port));
  transport = transportFor(server, server.adminToken, `https://127.0.0.1:${proxy.port}`);
  namespace = await freshNamespace(admin, 'reflector');
  changes = [];
  store = new Store((change) => changes.push(describeChange(change)));
  stop = new AbortController();
});

afterEach(async () => {
  stop.abort();
  await transport.close();
  await proxy.close();
});

describe('a reflector of a real API server', () => {
  test('sees what is there, what is made, what is changed and what is deleted', async () => {
    await create('before');
    startReflector();
    await until('the first list', () => reflector.hasSynced);
    expect(changes).toEqual(['added before']);
    await create('after');
    await update('after', '1');
    await admin.request('DELETE', path('before'));
    await until('all events', () => changes.length === 4);
    expect(changes).toEqual(['added before', 'added after', 'modified after', 'deleted before']);
    expect(valueOf('after')).toBe('1');
    expect(store.get(`${namespace}/after`)?.metadata).not.toHaveProperty('managedFields');
    expect(Object.isFrozen(store.get(`${namespace}/after`)?.metadata)).toBe(true);
  });

  test('goes on after its connections are reset, without a new list', async () => {
    await create('a');
    startReflector();
    await until('the first list', () => reflector.hasSynced);
    proxy.cut();
    await update('a', '1');
    await until('the change made meanwhile', () => valueOf('a') === '1');
    expect(reflector.restarts).toBe(0);
    expect(changes).toEqual(['added a', 'modified a']);
  });

  test('serves the old content while the server is away, then learns what was deleted', async () => {
    await create('a');
    await create('b');
    startReflector();
    await until('the first list', () => reflector.hasSynced);
    proxy.setRefusing(true);
    proxy.cut();
    await admin.request('DELETE', path('a'));
    await create('c');
    expect(store.size).toBe(2);
    proxy.setRefusing(false);
    await until('the new content', () => changes.includes('deleted a') && changes.includes('added c'));
    expect(store.size).toBe(2);
  });

  test('reads everything anew when its version is too old', async () => {
    const createSource = (name: string): Promise<unknown> =>
      admin.request('POST', pathOf(docSources, namespace), {
        body: {
          apiVersion: 'doctune.dev/v1alpha1',
          kind: 'DocSource',
          metadata: { name },
          spec: { git: { url: 'https://example.org/docs.git' } },
        },
      });
    await createSource('a');
    await createSource('gone');
    // the server knows nothing of this kind from before its definition was made, and answers with 410
    const outdated: Transport = {
      ...transport,
      watch: (path, query, signal) =>
        transport.watch(path, query.resourceVersion === undefined ? query : { ...query, resourceVersion: '1' }, signal),
    };
    startReflector({ via: outdated, kind: docSources });
    await until('the first list', () => reflector.hasSynced);
    proxy.setRefusing(true);
    proxy.cut();
    await admin.request('DELETE', pathOf(docSources, namespace, 'gone'));
    proxy.setRefusing(false);
    await until('the second list', () => reflector.restarts === 1);
    expect(changes).toEqual(['added a', 'added gone', 'deleted gone']);
  });

  test('reads everything anew when nothing at all is heard', async () => {
    await create('a');
    startReflector({ silenceMs: 1500 });
    await until('the first list', () => reflector.hasSynced);
    proxy.setFrozen(true);
    await update('a', '1');
    await until('the second list', () => reflector.restarts >= 1);
    expect(valueOf('a')).toBe('1');
  });

  test('reads lists in pages where the server does not stream them', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await create(name);
    const old: Transport = {
      ...transport,
      watch: (watchPath, query, signal) => {
        if (query.sendInitialEvents === true) throw new ApiError(422, { message: 'sendInitialEvents is forbidden' });
        return transport.watch(watchPath, query, signal);
      },
    };
    startReflector({ via: old, pageSize: 2 });
    await until('the first list', () => reflector.hasSynced);
    expect(store.size).toBe(5);
    await update('e', '1');
    await until('the change', () => valueOf('e') === '1');
  });
});
