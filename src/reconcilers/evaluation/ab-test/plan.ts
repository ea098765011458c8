import { parseDuration } from '../../../api/v1alpha1/index.ts';
import type { AbTestStatus, Evaluation, EvaluationStatus, PastRun } from '../../../api/v1alpha1/index.ts';
import { patch } from '../../../controller/plan.ts';
import type { Action, PlannedCondition, PlannedEvent, StatusPatch } from '../../../controller/plan.ts';
import { timestamp } from '../../../controller/status.ts';
import { httpRoutes } from '../../shared/http-route.ts';
import { promotedEntry } from '../promotion/history.ts';
import { originOf } from '../promotion/origin.ts';
import { advance, ended, isUnderWay, placeOf, suspended } from './decide.ts';
import type { Traffic } from './observe.ts';
import { hasBackends, weightPatch } from './route.ts';

export interface AbTestPlan {
  status: StatusPatch<EvaluationStatus>;
  conditions: PlannedCondition[];
  actions: Action[];
  events: PlannedEvent[];
  requeueAfterSeconds?: number;
}

const nothing: AbTestPlan = { status: {}, conditions: [], actions: [], events: [] };

/** Why the candidate can win no longer, whatever its traffic says. */
function obsolete({ spec, status = {} }: Evaluation, { run, artifact }: AbTestStatus): string | undefined {
  if (spec.abTest === undefined) return 'spec.abTest is gone';
  if (status.rollback?.held.includes(artifact.digest) === true) return 'somebody went back to an earlier adapter';
  if (status.promoted?.artifact.digest === artifact.digest) return 'the candidate is promoted already';
  // a run that the history has dropped since was judged for the last time
  const { verdict = 'Passed' } = status.history?.find((entry) => entry.run === run) ?? {};
  return verdict === 'Passed' ? undefined : 'the gate lets the candidate pass no longer';
}

const sharesOf = ({ stableBackend, candidateBackend, weight }: AbTestStatus) => ({
  stable: stableBackend,
  candidate: candidateBackend,
  weight,
});

/** Nothing is left to give back when all goes to the stable backend, or the route can share nothing any more. */
function restored(test: AbTestStatus, { route, problem }: Traffic): AbTestStatus {
  if (test.isRouteRestored !== false) return test;
  const isBack =
    route === undefined
      ? problem?.reason === 'RouteNotFound'
      : weightPatch(route, { ...sharesOf(test), weight: 0 }).length === 0;
  return isBack ? { ...test, isRouteRestored: true } : test;
}

/** A test begins where it can share traffic; once it has begun, missing figures count as missing. */
const canBegin = (test: AbTestStatus, { route, problem }: Traffic): boolean =>
  problem === undefined && route?.metadata.name === test.route && hasBackends(route, sharesOf(test));

function next(evaluation: Evaluation, before: AbTestStatus, traffic: Traffic, now: Date): AbTestStatus {
  if (!isUnderWay(before)) return before;
  const why = obsolete(evaluation, before);
  const { abTest, suspend } = evaluation.spec;
  if (why !== undefined || abTest === undefined) return ended(before, 'Stopped', why);
  if (suspend) return suspended(before);
  if (before.state === 'Running') return advance(before, abTest, traffic.reading, now);
  // what came before is given back where it was shared
  if (before.isRouteRestored === false) return before;
  // a correction of the spec reaches a test that waits
  const test = { ...before, ...placeOf(abTest) };
  return canBegin(test, traffic) ? advance(test, abTest, undefined, now) : test;
}

/** What the end of a test means for the promoted adapter and the history. */
function consequences({ spec, status = {} }: Evaluation, test: AbTestStatus, now: Date): StatusPatch<EvaluationStatus> {
  const { state, run, artifact } = test;
  if (state === 'Waiting' || state === 'Running') return {};
  const isPromoted = state === 'Won' || (state === 'Undecided' && spec.abTest?.onInconclusive === 'Promote');
  const history = (status.history ?? []).map((entry): PastRun => {
    if (entry.run !== run) return entry;
    const tested = { ...entry, abTest: state };
    return isPromoted ? promotedEntry(tested) : tested;
  });
  if (!isPromoted) return { history };
  const promoted = { artifact, since: timestamp(now), run, ...originOf(test), by: 'ABTest' as const };
  return { history, promoted, rollback: null };
}

/** What the route must get, and whether it has it. */
function routing(
  test: AbTestStatus,
  { route, problem }: Traffic,
): {
  actions: Action[];
  problem: Traffic['problem'];
} {
  // that of a spec that was just corrected is seen at the next look
  if (route?.metadata.name !== test.route) return { actions: [], problem };
  const shares = sharesOf(test);
  if (!hasBackends(route, shares)) {
    const { stable, candidate } = shares;
    const message = `no rule of HTTPRoute "${test.route}" has both backends "${stable}" and "${candidate}": correct it, or spec.abTest`;
    return { actions: [], problem: { reason: 'BackendsNotFound', message } };
  }
  const isUntouched = test.state === 'Waiting' && test.isRouteRestored !== false;
  const operations = isUntouched ? [] : weightPatch(route, shares);
  return { actions: operations.length === 0 ? [] : [patch(route, httpRoutes, operations)], problem };
}

function conditionOf(
  { spec }: Evaluation,
  { message, state }: AbTestStatus,
  problem: Traffic['problem'],
): PlannedCondition {
  const type = 'ABTestRunning';
  if (problem !== undefined) return { type, status: 'Unknown', ...problem };
  if (spec.suspend && state === 'Waiting') return { type, status: 'Unknown', reason: 'Suspended', message };
  return { type, status: 'True', reason: 'TrafficShared', message };
}

function intervalOf({ spec }: Evaluation, { state }: AbTestStatus): number {
  const { interval = '1m', startDelay = '1m' } = spec.abTest ?? {};
  const wait =
    state === 'Waiting' ? Math.min(parseDuration(startDelay), parseDuration(interval)) : parseDuration(interval);
  return Math.max(1, wait);
}

/** Lead a test on by what was seen of its traffic. Pure. */
export function planAbTest(evaluation: Evaluation, traffic: Traffic, now: Date): AbTestPlan {
  const before = evaluation.status?.abTest;
  if (before === undefined) return nothing;
  const test = next(evaluation, restored(before, traffic), traffic, now);
  const { actions, problem } = routing(test, traffic);
  const isOver = !isUnderWay(test);
  const isJustOver = isOver && isUnderWay(before);
  const isWaiting = !isOver || test.isRouteRestored === false;
  const isAtRest = evaluation.spec.suspend && test.isRouteRestored !== false;
  return {
    status: { abTest: test, ...(isJustOver ? consequences(evaluation, test, now) : {}) },
    conditions: isWaiting ? [conditionOf(evaluation, test, problem)] : [],
    actions,
    events: isJustOver ? [{ type: 'Normal', reason: `ABTest${test.state}`, message: test.message }] : [],
    ...(isWaiting && !isAtRest ? { requeueAfterSeconds: intervalOf(evaluation, test) } : {}),
  };
}
