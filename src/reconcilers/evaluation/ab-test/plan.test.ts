import { describe, expect, it } from 'vitest';
import { anArtifact, anEvaluation } from '../../../../tests/builders/objects.ts';
import { evaluation as kind } from '../../../api/v1alpha1/index.ts';
import type { Evaluation, EvaluationStatus } from '../../../api/v1alpha1/index.ts';
import type { Claim } from '../../../controller/kinds.ts';
import type { JsonPatchOperation } from '../../../controller/plan.ts';
import type { HttpRoute } from '../../shared/http-route.ts';
import { promote } from '../promotion/promote.ts';
import { rollBack } from '../promotion/rollback.ts';
import { finalizerActions, trafficFinalizer } from './deletion.ts';
import { planAbTest } from './plan.ts';
import { needsTraffic, observeTraffic } from './observe.ts';
import type { Traffic } from './observe.ts';
import type { Reading } from './decide.ts';

const spec = {
  routeRef: { name: 'handbook' },
  stable: 'old',
  candidate: 'new',
  minSamples: 100,
  maxSamples: 5000,
  interval: '60s',
  startDelay: '2m',
  queries: { requests: 'r{b="$backend"}', errors: 'e{b="$backend"}', latencyP90: 'p{b="$backend"}' },
  guardrails: { maxErrorRate: '0.2', maxLatencyP90: '3s', minSamples: 20 },
};

const route = (): HttpRoute => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  metadata: { name: 'handbook', namespace: 'docs' },
  spec: { rules: [{ backendRefs: [{ name: 'other' }] }, { backendRefs: [{ name: 'new' }, { name: 'old' }] }] },
});

/** A promoted adapter "a", and "b" that has just passed, with a route and a clock. */
class Test {
  now = new Date('2026-11-22T12:00:00Z');
  evaluation: Evaluation;
  route: HttpRoute | undefined = route();

  constructor(change: Partial<typeof spec> & Record<string, unknown> = {}) {
    const promoted = { artifact: anArtifact('adapters', 'a'), since: '2026-11-22T11:00:00Z', run: 'first' };
    const past = { run: 'first', time: promoted.since, artifact: promoted.artifact, verdict: 'Passed' as const };
    this.evaluation = {
      ...anEvaluation({ abTest: { ...spec, ...change } }),
      status: { promoted, history: [{ ...past, promoted: true }] },
    };
    this.pass('second', 'b');
  }

  get status(): EvaluationStatus {
    return this.evaluation.status ?? {};
  }

  get weights(): (number | undefined)[] {
    return this.route?.spec?.rules?.[1]?.backendRefs?.map(({ weight }) => weight) ?? [];
  }

  write(patch: object): void {
    const members: [string, unknown][] = Object.entries({ ...this.status, ...patch });
    const status = Object.fromEntries(members.filter(([, value]) => value !== null));
    this.evaluation = { ...this.evaluation, status };
    expect(kind.status.safeParse(this.evaluation.status).error?.issues ?? []).toEqual([]);
  }

  edit(change: Record<string, unknown>): void {
    const { spec: before } = this.evaluation;
    this.evaluation = { ...this.evaluation, spec: anEvaluation({ ...before, ...change }).spec };
  }

  pass(run: string, adapter: string, verdict: 'Passed' | 'Failed' = 'Passed'): void {
    const time = this.now.toISOString();
    const measured = { run, time, adapter: anArtifact('adapters', adapter), origin: {}, verdict, headline: {} };
    this.write(promote(this.evaluation, measured, this.now));
  }

  /** Somebody asks for an earlier adapter, or for one that was not promoted. */
  goTo(rollback: string): void {
    const metadata = { ...this.evaluation.metadata, annotations: { 'doctune.dev/rollback': rollback } };
    this.evaluation = { ...this.evaluation, metadata };
    const claim: Claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'doctune-artifacts' } };
    this.write(rollBack({ evaluation: this.evaluation, claim, now: this.now }).status);
  }

  get isFinalizerKept(): boolean {
    const metadata = { ...this.evaluation.metadata, finalizers: [trafficFinalizer] };
    return finalizerActions({ ...this.evaluation, metadata }, this.status).length === 0;
  }

  /** A look, some seconds later. */
  look(traffic: Partial<Traffic> = {}, seconds = 60) {
    this.now = new Date(this.now.getTime() + seconds * 1000);
    const seen = this.route === undefined ? {} : { route: this.route };
    const planned = planAbTest(this.evaluation, { ...seen, ...traffic }, this.now);
    for (const action of planned.actions) if (action.type === 'patch') this.#patch(action.operations);
    this.write(planned.status);
    return planned;
  }

  reading(stable: [requests: number, errors: number], candidate: [requests: number, errors: number], seconds = '1') {
    const arm = ([requests, errors]: [number, number]) => ({
      requests,
      errors,
      successes: requests - errors,
      latencyP90: seconds,
    });
    const until = new Date(this.now.getTime() + 60_000);
    const reading: Reading = { until, stable: arm(stable), candidate: arm(candidate) };
    return this.look({ reading });
  }

  begin(): this {
    this.look({}, 120);
    return this;
  }

  #patch(operations: readonly JsonPatchOperation[]): void {
    const copy = structuredClone(this.route) as unknown as Record<string, unknown>;
    for (const { op, path, value } of operations) {
      const keys = path.split('/').slice(1);
      const last = keys.pop()!;
      const at = keys.reduce<Record<string, unknown>>((object, key) => object[key] as Record<string, unknown>, copy);
      if (op === 'test') expect(at[last]).toBe(value);
      else at[last] = value;
    }
    this.route = copy as unknown as HttpRoute;
  }
}

const digest = (adapter: string): string => anArtifact('adapters', adapter).digest;

describe('[C76] a test under traffic', () => {
  it('begins when an adapter passes, and moves nothing before the candidate is loaded', () => {
    const test = new Test();
    expect(test.status.promoted?.artifact.digest).toBe(digest('a'));
    expect(test.status.abTest).toMatchObject({ state: 'Waiting', run: 'second' });
    expect(test.look().requeueAfterSeconds).toBe(60);
    expect(test.weights).toEqual([undefined, undefined]);
    test.begin();
    expect(test.status.abTest?.state).toBe('Running');
    expect(test.weights).toEqual([5, 95]);
    expect(test.route?.spec?.rules?.[0]).toEqual({ backendRefs: [{ name: 'other' }] });
  });

  it('is not needed by the first adapter of all', () => {
    const test = new Test();
    test.write({ promoted: null, history: [], abTest: null });
    test.pass('first', 'a');
    expect(test.status.promoted?.by).toBe('Gate');
    expect(test.status.abTest).toBeUndefined();
  });

  it('goes from weight to weight as requests come', () => {
    const test = new Test().begin();
    test.reading([950, 95], [50, 5]);
    expect(test.weights).toEqual([5, 95]);
    test.reading([950, 95], [50, 5]);
    expect(test.weights).toEqual([25, 75]);
    test.reading([300, 30], [100, 10]);
    expect(test.weights).toEqual([50, 50]);
    test.reading([100, 10], [100, 10]);
    expect(test.weights).toEqual([50, 50]);
    expect(test.status.abTest).toMatchObject({ stable: { requests: 2300, errors: 230 }, candidate: { requests: 300 } });
  });

  it('promotes a candidate that is better, and gives everything to the stable backend again', () => {
    const test = new Test().begin();
    for (let look = 0; look < 60 && test.status.abTest?.state === 'Running'; look++) test.reading([100, 30], [100, 10]);
    expect(test.status.abTest?.state).toBe('Won');
    expect(test.status.promoted).toMatchObject({ artifact: { digest: digest('b') }, run: 'second', by: 'ABTest' });
    expect(test.weights).toEqual([0, 100]);
    expect(test.status.history?.[0]).toMatchObject({ run: 'second', abTest: 'Won', promoted: true });
    const rest = test.look();
    expect(rest.actions).toEqual([]);
    expect(rest.conditions).toEqual([]);
    expect(rest.requeueAfterSeconds).toBeUndefined();
    expect(test.status.abTest?.isRouteRestored).toBe(true);
  });

  it('keeps the promoted adapter where the candidate is worse, also when it is judged or measured again', () => {
    const test = new Test().begin();
    for (let look = 0; look < 60 && test.status.abTest?.state === 'Running'; look++) test.reading([100, 2], [100, 15]);
    expect(test.status.abTest?.state).toBe('Lost');
    expect(test.weights).toEqual([0, 100]);
    test.pass('second', 'b');
    test.pass('third', 'b');
    expect(test.status.promoted?.artifact.digest).toBe(digest('a'));
    expect(test.status.abTest?.state).toBe('Lost');
    test.pass('fourth', 'c');
    expect(test.status.abTest).toMatchObject({ state: 'Waiting', run: 'fourth' });
  });

  it.each([
    ['Keep', 'a'],
    ['Promote', 'b'],
  ])('that finds no difference ends after maxSamples: %s', (onInconclusive, adapter) => {
    const test = new Test({ onInconclusive, maxSamples: 400 }).begin();
    for (let look = 0; look < 10; look++) test.reading([100, 10], [100, 10]);
    expect(test.status.abTest?.state).toBe('Undecided');
    expect(test.status.promoted?.artifact.digest).toBe(digest(adapter));
    expect(test.weights).toEqual([0, 100]);
  });

  it.each<[string, [number, number], string, RegExp]>([
    ['errors', [20, 5], '1', /25\.0 % of its 20 requests failed, guardrails\.maxErrorRate is 0\.2/],
    ['slow answers', [20, 0], '3.5', /took up to 3\.5 s, guardrails\.maxLatencyP90 is 3s/],
  ])('ends at once on too many %s, before minSamples', (_, candidate, seconds, message) => {
    const test = new Test().begin();
    test.reading([380, 4], candidate, seconds);
    expect(test.status.abTest?.state).toBe('GuardrailBroken');
    expect(test.status.abTest?.message).toMatch(message);
    expect(test.weights).toEqual([0, 100]);
    expect(test.status.promoted?.artifact.digest).toBe(digest('a'));
    test.pass('second', 'b');
    expect(test.status.abTest?.state).toBe('GuardrailBroken');
  });

  it.each<[string, [number, number], [number, number]]>([
    ['broke a guardrail', [380, 4], [20, 5]],
    ['lost', [100, 2], [100, 15]],
  ])('[17] whose candidate %s is passed over by a rollback to the previous adapter', (_, ofStable, ofCandidate) => {
    const test = new Test().begin();
    for (let look = 0; look < 60 && test.status.abTest?.state === 'Running'; look++)
      test.reading(ofStable, ofCandidate);
    test.pass('third', 'c');
    test.begin();
    for (let look = 0; look < 60 && test.status.abTest?.state === 'Running'; look++) test.reading([100, 30], [100, 10]);
    expect(test.status.promoted?.artifact.digest).toBe(digest('c'));
    test.goTo('previous');
    expect(test.status.promoted?.artifact.digest).toBe(digest('a'));
  });

  it('leaves a guardrail alone that few requests could break by chance', () => {
    const test = new Test().begin();
    test.reading([380, 4], [19, 19]);
    expect(test.status.abTest?.state).toBe('Running');
  });

  it('waits while figures are missing, takes the traffic away when that lasts, and goes on when they come again', () => {
    const test = new Test().begin();
    const problem = { reason: 'MetricsUnavailable', message: 'Prometheus cannot be asked' };
    expect(test.look({ problem }).conditions).toMatchObject([{ status: 'Unknown', reason: 'MetricsUnavailable' }]);
    expect(test.weights).toEqual([5, 95]);
    for (let look = 0; look < 10; look++) test.look({ problem });
    expect(test.status.abTest).toMatchObject({ state: 'Running', weight: 0 });
    expect(test.weights).toEqual([0, 100]);
    test.reading([100, 1], [0, 0]);
    expect(test.weights).toEqual([5, 95]);
  });

  it('says which backends the route lacks', () => {
    const test = new Test({ candidate: 'nowhere' }).begin();
    expect(test.look().conditions).toMatchObject([{ status: 'Unknown', reason: 'BackendsNotFound' }]);
    expect(test.weights).toEqual([undefined, undefined]);
  });

  it.each<[string, Record<string, unknown>, Partial<Traffic>, string]>([
    ['the backends', { candidate: 'nowhere' }, {}, 'BackendsNotFound'],
    [
      'the route',
      { routeRef: { name: 'nowhere' } },
      { problem: { reason: 'RouteNotFound', message: 'x' } },
      'RouteNotFound',
    ],
  ])('that waits for %s begins when spec.abTest is corrected', (_, wrong, seen, reason) => {
    const test = new Test(wrong);
    expect(test.look(seen, 300).conditions).toMatchObject([{ status: 'Unknown', reason }]);
    expect(test.status.abTest?.state).toBe('Waiting');
    test.edit({ abTest: spec });
    test.look();
    expect(test.status.abTest).toMatchObject({ state: 'Running', route: 'handbook', candidateBackend: 'new' });
    expect(test.weights).toEqual([5, 95]);
  });

  it.each<[string, (test: Test) => void]>([
    ['spec.abTest is gone', (test) => delete (test.evaluation.spec as { abTest?: object }).abTest],
    ['the gate lets the candidate pass no longer', (test) => test.pass('second', 'b', 'Failed')],
    ['somebody went back to an earlier adapter', (test) => test.goTo('first')],
    ['the candidate is promoted already', (test) => test.goTo('second')],
  ])('stops when %s', (why, change) => {
    const test = new Test().begin();
    change(test);
    const { promoted } = test.status;
    test.look();
    expect(test.status.promoted).toEqual(promoted);
    expect(test.status.abTest).toMatchObject({ state: 'Stopped', message: `the test was stopped: ${why}` });
    expect(test.weights).toEqual([0, 100]);
  });

  it('makes room for a newer adapter that passes, and gives its traffic back first', () => {
    const test = new Test().begin();
    test.pass('third', 'c');
    expect(test.isFinalizerKept).toBe(true);
    test.look();
    expect(test.weights).toEqual([0, 100]);
    expect(test.isFinalizerKept).toBe(true);
    expect(test.status.abTest).toMatchObject({ state: 'Waiting', run: 'third', weight: 0 });
    expect(test.status.history?.find(({ run }) => run === 'second')?.abTest).toBe('Stopped');
    test.begin();
    expect(test.weights).toEqual([5, 95]);
    expect(test.status.abTest?.isRouteRestored).toBeUndefined();
  });

  it.each<[string, (test: Test) => void]>([
    ['is suspended', (test) => test.edit({ suspend: true })],
    ['waits for its candidate', (test) => test.edit({ abTest: { ...spec, startDelay: '1h' } })],
    [
      'ended already, while its route could not be read',
      (test) => {
        const { route: unread } = test;
        test.route = undefined;
        test.reading([380, 4], [20, 15]);
        test.route = unread;
      },
    ],
  ])('whose traffic is left to a newer adapter gives it back, also when that %s', (_, change) => {
    const test = new Test().begin();
    change(test);
    test.pass('third', 'c');
    expect(test.isFinalizerKept).toBe(true);
    expect(needsTraffic(test.evaluation)).toBe(true);
    test.look({}, 10);
    expect(test.weights).toEqual([0, 100]);
    test.look({}, 10);
    expect(test.status.abTest).toMatchObject({ state: 'Waiting', run: 'third', isRouteRestored: true });
    expect(test.isFinalizerKept).toBe(false);
  });

  it.each<[string, (test: Test) => void]>([
    ['is given back', () => undefined],
    ['is gone', (test) => (test.route = undefined)],
    ['has other backends', (test) => (test.route = { ...route(), spec: { rules: [] } })],
  ])('of another route begins when the one before %s', (_, change) => {
    const test = new Test().begin();
    test.edit({ abTest: { ...spec, routeRef: { name: 'other' } } });
    test.pass('third', 'c');
    test.look();
    expect(test.weights).toEqual([0, 100]);
    expect(test.status.abTest).toMatchObject({ route: 'handbook', isRouteRestored: false });
    change(test);
    test.look(test.route === undefined ? { problem: { reason: 'RouteNotFound', message: 'x' } } : {}, 120);
    expect(test.status.abTest).toMatchObject({ state: 'Waiting', route: 'other', isRouteRestored: true });
    test.route = { ...route(), metadata: { name: 'other', namespace: 'docs' } };
    test.look();
    expect(test.weights).toEqual([5, 95]);
  });

  it('goes on when so many runs have failed since that the history has dropped its own', () => {
    const test = new Test().begin();
    test.write({ history: test.status.history?.filter(({ run }) => run === 'first') });
    test.reading([100, 1], [10, 0]);
    expect(test.status.abTest).toMatchObject({ state: 'Running', candidate: { requests: 10 } });
  });

  it('gives its traffic back while the Evaluation is suspended, and goes on at the same step with its figures', () => {
    const test = new Test().begin();
    test.reading([950, 95], [100, 5]);
    expect(test.weights).toEqual([25, 75]);
    test.edit({ suspend: true });
    expect(needsTraffic(test.evaluation)).toBe(true);
    expect(test.look().conditions).toMatchObject(
      [
        {
          type: 'ABTestRunning',
          status: 'Unknown',
          reason: 'Suspended',
          message: /no traffic until spec\.suspend is false/,
        },
      ].map(({ message, ...rest }) => ({ ...rest, message: expect.stringMatching(message) as string })),
    );
    expect(test.weights).toEqual([0, 100]);
    const rest = test.look();
    expect(rest.actions).toEqual([]);
    expect(rest.requeueAfterSeconds).toBeUndefined();
    expect(needsTraffic(test.evaluation)).toBe(false);
    test.edit({ suspend: false });
    test.look();
    expect(test.weights).toEqual([25, 75]);
    expect(test.status.abTest).toMatchObject({ state: 'Running', step: 1, candidate: { requests: 100 } });
    expect(test.status.abTest?.isRouteRestored).toBeUndefined();
    test.reading([100, 10], [100, 5]);
    expect(test.weights).toEqual([50, 50]);
  });

  it('that was suspended before it began leaves the route alone', () => {
    const test = new Test();
    test.edit({ suspend: true });
    expect(test.look({}, 300).conditions).toMatchObject([{ reason: 'Suspended' }]);
    expect(test.weights).toEqual([undefined, undefined]);
    test.edit({ suspend: false });
    test.look();
    expect(test.weights).toEqual([5, 95]);
  });

  it('ends while suspended as well, and gives the route back', () => {
    const test = new Test().begin();
    test.edit({ suspend: true });
    test.pass('second', 'b', 'Failed');
    test.look();
    expect(test.status.abTest?.state).toBe('Stopped');
    expect(test.weights).toEqual([0, 100]);
  });

  it('takes nothing from Prometheus for no figure, so that a candidate nobody sees loses its traffic', async () => {
    const test = new Test().begin();
    const answers: Record<string, number | undefined> = { 'r{b="old"}': 100, 'e{b="old"}': 1, 'p{b="old"}': 1 };
    const access = {
      routes: ['docs/handbook'],
      readRoute: () => Promise.resolve(test.route!),
      query: (expression: string) => Promise.resolve(answers[expression]),
    };
    const see = async () => {
      const now = new Date(test.now.getTime() + 60_000);
      return test.look(await observeTraffic(test.evaluation, access, now));
    };
    expect((await see()).conditions).toMatchObject([{ status: 'Unknown', reason: 'NoTraffic' }]);
    expect(test.status.abTest).toMatchObject({ stable: { requests: 0 }, weight: 5 });
    for (let look = 0; look < 10; look++) await see();
    expect(test.weights).toEqual([0, 100]);
    expect((await see()).conditions[0]?.message).toMatch(/backend "new": correct its labels.*interval.*vector\(0\)/);
    expect(test.weights).toEqual([0, 100]);
    answers['r{b="new"}'] = 0;
    await see();
    expect(test.weights).toEqual([5, 95]);
    expect(test.status.abTest).toMatchObject({ stable: { requests: 100 }, candidate: { requests: 0 } });
  });
});
