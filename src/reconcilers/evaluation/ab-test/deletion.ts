import type { Evaluation, EvaluationStatus } from '../../../api/v1alpha1/index.ts';
import { patch, progressing } from '../../../controller/plan.ts';
import type { Action, Plan } from '../../../controller/plan.ts';
import { evaluations } from '../../kinds.ts';
import { ended, hasTraffic, isUnderWay } from './decide.ts';
import type { Traffic } from './observe.ts';
import { planAbTest } from './plan.ts';

/** There as long as a candidate has traffic. */
export const trafficFinalizer = 'doctune.dev/traffic';

/** An object must be gone some day, whatever is wrong with its route. */
const patienceMs = 300_000;

const isShared = ({ abTest }: EvaluationStatus): boolean => abTest !== undefined && hasTraffic(abTest);

const finalizersOf = ({ metadata }: Evaluation): readonly string[] => metadata.finalizers ?? [];

/** Refused where others have changed the list meanwhile: theirs must stay. */
function withFinalizers(evaluation: Evaluation, finalizers: readonly string[]): Action {
  const path = '/metadata/finalizers';
  const { finalizers: before, resourceVersion: version } = evaluation.metadata;
  const test = before === undefined ? { path: '/metadata/resourceVersion', value: version } : { path, value: before };
  return patch(evaluation, evaluations, [
    { op: 'test', ...test },
    { op: 'add', path, value: finalizers },
  ]);
}

/** Put the finalizer there before any traffic moves, and take it away when all of it is back. */
export function finalizerActions(evaluation: Evaluation, status: EvaluationStatus): Action[] {
  const there = finalizersOf(evaluation);
  const isThere = there.includes(trafficFinalizer);
  if (isThere === isShared(status)) return [];
  const others = there.filter((name) => name !== trafficFinalizer);
  return [withFinalizers(evaluation, isThere ? others : [...others, trafficFinalizer])];
}

const message = 'the Evaluation is being deleted: the traffic of its test goes back to the stable backend';

/** Ends a test whose Evaluation is being deleted; the finalizer goes in the round after the one that wrote the end. */
export function planDeletion(evaluation: Evaluation, traffic: Traffic, now: Date): Plan<EvaluationStatus> {
  const { metadata, status = {} } = evaluation;
  const { abTest } = status;
  if (abTest === undefined || !hasTraffic(abTest))
    return progressing('Deleting', message, { actions: finalizerActions(evaluation, status) });
  const isLate = now.getTime() - Date.parse(metadata.deletionTimestamp ?? '') > patienceMs;
  const stopped = isUnderWay(abTest) ? ended(abTest, 'Stopped', 'the Evaluation is being deleted') : abTest;
  const { problem } = traffic;
  // what a route cannot be told now, it will hardly be told later; what the API server did not answer, it may be
  const isInVain = problem !== undefined && problem.reason !== 'RouteUnreadable';
  if (isLate || isInVain)
    return progressing('Deleting', message, { status: { abTest: { ...stopped, isRouteRestored: true } } });
  const { actions, status: next } = planAbTest({ ...evaluation, status: { ...status, abTest: stopped } }, traffic, now);
  return progressing('Deleting', message, {
    status: next,
    actions,
    requeueAfterSeconds: 2,
  });
}
