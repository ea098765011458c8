import { describe, expect, it } from 'vitest';
import { anArtifact, anEvaluation } from '../../../../tests/builders/objects.ts';
import type { AbTestStatus, Evaluation } from '../../../api/v1alpha1/index.ts';
import type { PatchAction } from '../../../controller/plan.ts';
import type { HttpRoute } from '../../shared/http-route.ts';
import { begun } from './decide.ts';
import { finalizerActions, planDeletion, trafficFinalizer } from './deletion.ts';
import type { Traffic } from './observe.ts';

const start = new Date('2026-11-22T12:00:00Z');
const spec = {
  routeRef: { name: 'handbook' },
  stable: 'old',
  candidate: 'new',
  queries: { requests: 'r{b="$backend"}', errors: 'e{b="$backend"}' },
};

const route = (stable: number, candidate: number): HttpRoute => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  metadata: { name: 'handbook', namespace: 'docs' },
  spec: {
    rules: [
      {
        backendRefs: [
          { name: 'old', weight: stable },
          { name: 'new', weight: candidate },
        ],
      },
    ],
  },
});

function testing(change: Partial<AbTestStatus>, finalizers: string[] = [], isDeleted = false): Evaluation {
  const made = anEvaluation({ abTest: spec });
  const of = { run: 'second', adapter: anArtifact('adapters', 'b'), origin: {} };
  const abTest: AbTestStatus = { ...begun(made.spec.abTest!, of, undefined, start), ...change };
  const deleted = isDeleted ? { deletionTimestamp: start.toISOString() } : {};
  const metadata = { ...made.metadata, ...deleted, ...(finalizers.length === 0 ? {} : { finalizers }) };
  return { ...made, metadata, status: { abTest } };
}

const running = { state: 'Running', weight: 20 } as const;
const over = { state: 'Lost', weight: 0 } as const;
const valueOf = (action: unknown): unknown => (action as PatchAction).operations.at(-1)?.value;

describe('[17] the finalizer', () => {
  it.each<[string, Partial<AbTestStatus>, string[], string[] | undefined]>([
    ['comes with the traffic', running, [], [trafficFinalizer]],
    ['leaves those of others', running, ['other.dev/x'], ['other.dev/x', trafficFinalizer]],
    ['stays as long as it runs', running, [trafficFinalizer], undefined],
    ['stays until the route is restored', { ...over, isRouteRestored: false }, [trafficFinalizer], undefined],
    ['goes with the traffic', { ...over, isRouteRestored: true }, ['other.dev/x', trafficFinalizer], ['other.dev/x']],
    ['is not there while a test waits', {}, [], undefined],
    [
      'stays while one waits until what came before it is given back',
      { isRouteRestored: false },
      [trafficFinalizer],
      undefined,
    ],
  ])('%s', (_, test, there, wanted) => {
    const evaluation = testing(test, there);
    const actions = finalizerActions(evaluation, evaluation.status!);
    expect(actions.map(valueOf)).toEqual(wanted === undefined ? [] : [wanted]);
  });

  it('is not there without a test', () => {
    expect(finalizerActions(anEvaluation({}), {})).toEqual([]);
  });
});

describe('[17] an Evaluation that is being deleted', () => {
  const plan = (test: Partial<AbTestStatus>, traffic: Traffic, seconds = 1) =>
    planDeletion(testing(test, [trafficFinalizer], true), traffic, new Date(start.getTime() + seconds * 1000));

  it('gives the traffic back, and looks whether it is', () => {
    const { actions, status, requeueAfterSeconds } = plan(running, { route: route(80, 20) });
    expect(actions.map(({ object }) => object.kind)).toEqual(['HTTPRoute']);
    const weights = (actions[0] as PatchAction).operations.filter(({ op }) => op === 'add').map(({ value }) => value);
    expect(weights).toEqual([100, 0]);
    expect(status).toMatchObject({ abTest: { state: 'Stopped', weight: 0, isRouteRestored: false } });
    expect(requeueAfterSeconds).toBe(2);
  });

  it('is let go in the round after the one that has seen the route as it was', () => {
    const seen = plan({ state: 'Stopped', weight: 0, isRouteRestored: false }, { route: route(100, 0) });
    expect(seen.actions).toEqual([]);
    expect(seen.status).toMatchObject({ abTest: { isRouteRestored: true } });
    const last = plan({ state: 'Stopped', weight: 0, isRouteRestored: true }, {});
    expect(last.actions.map(valueOf)).toEqual([[]]);
    // a status that changed could not be written any more
    expect(last.status).toEqual({});
    expect(last.verdict).toEqual(seen.verdict);
  });

  it.each<[string, Traffic, number]>([
    ['is gone', { problem: { reason: 'RouteNotFound', message: 'x' } }, 1],
    ['may not be changed', { problem: { reason: 'RouteNotAllowed', message: 'x' } }, 1],
    ['has other backends', { route: { ...route(80, 20), spec: { rules: [] } } }, 1],
    ['cannot be read for minutes', { problem: { reason: 'RouteUnreadable', message: 'x' } }, 301],
    ['cannot be patched for minutes', { route: route(80, 20) }, 301],
  ])('is not held up by a route that %s', (_, traffic, seconds) => {
    const { actions, status } = plan(running, traffic, seconds);
    expect(actions).toEqual([]);
    expect(status).toMatchObject({ abTest: { state: 'Stopped', isRouteRestored: true } });
  });

  it('waits a while for an API server that does not tell of the route', () => {
    const { status, requeueAfterSeconds } = plan(running, { problem: { reason: 'RouteUnreadable', message: 'x' } });
    expect(status).toMatchObject({ abTest: { isRouteRestored: false } });
    expect(requeueAfterSeconds).toBe(2);
  });
});
