import { describe, expect, test } from 'vitest';
import type { ClusterWriter } from './cluster.ts';
import { ApiError, NotLeaderError } from './errors.ts';
import { WriteGuard } from './guard.ts';
import { jobs, resource } from './kinds.ts';
import type { ResourceKind } from './kinds.ts';
import type { KubernetesObject } from './object.ts';
import { apply, progressing, ready, remove } from './plan.ts';
import type { Plan } from './plan.ts';
import { kindFinder, reconcile } from './reconcile.ts';
import type { Outcome } from './reconcile.ts';
import type { ClusterReader, ConditionedStatus, ReconciledObject, Reconciler } from './reconciler.ts';
import { Store } from './store.ts';

interface Status extends ConditionedStatus {
  digest?: string;
  progress?: { percent: number };
}
type Thing = ReconciledObject<Status>;

const things = resource<Thing>({ group: 'doctune.dev', version: 'v1alpha1', kind: 'Thing', plural: 'things' });
const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { namespace: 'ns', name: 'run', uid: 'job-uid' } };

/** One object, a cache that shows every write at once (or not), and a record of all that is written. */
function world(decide: (thing: Thing) => Plan<Status>, refuse: (verb: string) => Error | undefined = () => undefined) {
  const stores = { things: new Store(), jobs: new Store() };
  const storeOf = (kind: ResourceKind): Store => (kind.kind === 'Thing' ? stores.things : stores.jobs);
  const done: string[] = [];
  const events: string[] = [];
  let version = 1;
  let isCacheLate = false;
  const put = (object: KubernetesObject, more: object): KubernetesObject => {
    version += 1;
    const metadata = { ...object.metadata, resourceVersion: String(version) };
    const written = { ...object, ...more, metadata };
    if (!isCacheLate) storeOf({ ...things, kind: object.kind }).put(written);
    return written;
  };
  const act = (verb: string): void => {
    const refusal = refuse(verb);
    if (refusal !== undefined) throw refusal;
    done.push(verb);
  };
  /* eslint-disable @typescript-eslint/require-await -- a throw must become a rejection */
  const writer: ClusterWriter = {
    apply: async (object, manager) => {
      act(`apply ${object.kind}${manager === undefined ? '' : ` as ${manager}`}`);
      return put(object as KubernetesObject, {});
    },
    patch: async ({ object }) => {
      act(`patch ${object.kind}`);
      return put(object as KubernetesObject, {});
    },
    remove: async (object, propagation) => act(`remove ${object.kind} ${propagation}`),
    applyStatus: async (object, status, manager) => {
      act(`status as ${manager}`);
      const before = (storeOf(things).get('ns/a') as Thing).status ?? {};
      return put(object, { status: { ...before, ...status } });
    },
  };
  /* eslint-enable @typescript-eslint/require-await */
  const reader: ClusterReader = {
    get: <Object extends KubernetesObject>(kind: ResourceKind<Object>, namespace: string | undefined, name: string) =>
      storeOf(kind).get(`${namespace ?? ''}/${name}`) as Object | undefined,
    list: () => [],
    ownedBy: () => [],
    now: () => new Date('2026-01-01T00:00:00Z'),
  };
  const reconciler: Reconciler<Thing, Thing, Status> = {
    kind: things,
    watches: [],
    progressFields: ['progress'],
    observe: (_reader, object) => object,
    plan: decide,
  };
  const shell = {
    reconciler,
    reader,
    writer,
    guard: new WriteGuard(storeOf),
    record: (_object: unknown, event: { reason: string }) => events.push(event.reason),
    kindOf: kindFinder(() => [things, jobs]),
    clock: () => 0,
  };
  stores.things.put({
    apiVersion: 'doctune.dev/v1alpha1',
    kind: 'Thing',
    metadata: { namespace: 'ns', name: 'a', uid: 'uid-a', resourceVersion: '1', generation: 1 },
  });
  return {
    done,
    events,
    stores,
    status: () => (stores.things.get('ns/a') as Thing).status,
    run: (failures = 0): Promise<Outcome> => reconcile(shell, 'ns/a', failures),
    lateCache: () => {
      isCacheLate = true;
    },
  };
}

const readyOf = (status: Status | undefined) => status?.conditions?.find(({ type }) => type === 'Ready');

describe('one round', () => {
  test('acts first, then says so in the status and in an event; the next round writes nothing', async () => {
    const plan = () => ready<Status>('Done', 'all done', { actions: [], status: { digest: 'd' } });
    const { run, done, events, status } = world(plan);
    expect(await run()).toEqual({ result: 'settled' });
    expect(done).toEqual(['status as doctune-controller']);
    expect(events).toEqual(['Done']);
    expect(status()).toMatchObject({ digest: 'd', phase: 'Ready' });
    expect(await run()).toEqual({ result: 'settled' });
    expect(done).toHaveLength(1);
    expect(events).toHaveLength(1);
  });

  test('carries out the actions in their order', async () => {
    const actions = [remove(job, { propagation: 'Foreground' }), apply(job), apply(job, { fieldManager: 'shared' })];
    const { run, done } = world(() => progressing<Status>('Started', 'm', { actions, requeueAfterSeconds: 5 }));
    expect(await run()).toEqual({ result: 'settled', requeueAfterSeconds: 5 });
    expect(done).toEqual(['remove Job Foreground', 'apply Job', 'apply Job as shared', 'status as doctune-controller']);
  });

  test('writes progress under its own manager, and only when it differs', async () => {
    const plan = () => ready<Status>('Done', 'm', { progress: { progress: { percent: 100 } } });
    const { run, done } = world(plan);
    await run();
    await run();
    expect(done).toEqual(['status as doctune-progress', 'status as doctune-controller']);
  });

  test('sends the events of a plan only when something changes', async () => {
    const plan = () => ready<Status>('Done', 'm', { events: [{ type: 'Normal', reason: 'Told', message: '' }] });
    const { run, events } = world(plan);
    await run();
    await run();
    expect(events).toEqual(['Told', 'Done']);
  });

  test('waits until the cache shows what was written', async () => {
    const { run, done, lateCache } = world(() => progressing<Status>('Started', 'm', { actions: [apply(job)] }));
    lateCache();
    await run();
    expect(await run()).toEqual({ result: 'behind' });
    expect(done).toHaveLength(2);
  });

  test('leaves objects alone that are gone or going', async () => {
    const { run, done, stores } = world(() => ready<Status>('Done', 'm'));
    const thing = stores.things.get('ns/a')!;
    stores.things.put({ ...thing, metadata: { ...thing.metadata, resourceVersion: '2', deletionTimestamp: 'now' } });
    expect(await run()).toEqual({ result: 'settled' });
    stores.things.delete(thing);
    expect(await run()).toEqual({ result: 'settled' });
    expect(done).toEqual([]);
  });
});

describe('trouble', () => {
  const start = () => progressing<Status>('Started', 'm', { actions: [apply(job)] });
  const failing = (error: Error) => (verb: string) => (verb.startsWith('apply') ? error : undefined);

  test('that only the user can mend is said at once', async () => {
    const { run, status } = world(start, failing(new ApiError(422, { message: 'spec.x: too long' })));
    expect(await run()).toMatchObject({ result: 'failed', trouble: { sort: 'stalled' } });
    expect(status()?.conditions?.map(({ type }) => type)).toEqual(['Ready', 'Stalled']);
    expect(readyOf(status())).toMatchObject({
      status: 'False',
      reason: 'InvalidObject',
      message: 'Job "run" cannot be applied: spec.x: too long',
    });
  });

  test('that passes is not said before the third time in a row', async () => {
    const { run, done, status } = world(start, failing(new ApiError(500, { message: 'etcd' })));
    await run(0);
    await run(1);
    expect(done).toEqual([]);
    await run(2);
    expect(readyOf(status())).toMatchObject({ status: 'False', reason: 'ServerError' });
  });

  test('keeps what the status says of the artifact', async () => {
    let isBroken = false;
    const { run, status } = world(
      () => (isBroken ? start() : ready<Status>('Done', 'm', { status: { digest: 'd' } })),
      failing(new ApiError(422, { message: 'no' })),
    );
    await run();
    isBroken = true;
    await run();
    expect(status()).toMatchObject({ digest: 'd', phase: 'Failed' });
  });

  test('of a replica that leads no more is nothing to report', async () => {
    const { run, done } = world(start, () => new NotLeaderError());
    expect(await run(9)).toMatchObject({ result: 'failed', trouble: { sort: 'waiting' } });
    expect(done).toEqual([]);
  });

  test('in the kind itself does not end the process', async () => {
    const { run, status } = world(() => {
      throw new TypeError('x is undefined');
    });
    expect(await run(2)).toMatchObject({ result: 'failed', trouble: { reason: 'InternalError' } });
    expect(readyOf(status())?.message).toBe('x is undefined');
  });
});
