import { controllerManager, progressManager } from './cluster.ts';
import type { ClusterWriter } from './cluster.ts';
import { ActionError, sortTrouble } from './errors.ts';
import type { Trouble } from './errors.ts';
import { transitionEvent } from './events.ts';
import type { RecordEvent } from './events.ts';
import type { WriteGuard } from './guard.ts';
import type { ResourceKind } from './kinds.ts';
import { apiVersionOf } from './kinds.ts';
import { keyOf, splitKey } from './object.ts';
import type { Key, KubernetesObject } from './object.ts';
import { progressing, retrying, stalled } from './plan.ts';
import type { Action, Manifest, Plan } from './plan.ts';
import type { AnyReconciler, ClusterReader, ReconciledObject } from './reconciler.ts';
import { currentProgress, currentStatus, isSameStatus, ownConditions, plannedStatus } from './status.ts';

export interface Shell {
  reconciler: AnyReconciler;
  reader: ClusterReader;
  writer: ClusterWriter;
  guard: WriteGuard;
  record: RecordEvent;
  /** where a child's kind is served; undefined if nobody watches it */
  kindOf(object: Manifest): ResourceKind | undefined;
  /** milliseconds of a clock that never jumps */
  clock(): number;
}

/** What the queue must know of a reconcile. */
export type Outcome =
  | { result: 'settled'; requeueAfterSeconds?: number }
  /** the caches do not show the last writes yet */
  | { result: 'behind' }
  | { result: 'failed'; trouble: Trouble };

/** A passing trouble is not worth a condition: an object must not flicker because one request was lost. */
const failuresUntilReported = 3;

/** One round for one object: fetch, observe, plan, act, write the status. Never throws. `failures` counts those in a row. */
export async function reconcile(shell: Shell, key: Key, failures: number): Promise<Outcome> {
  const { namespace, name } = splitKey(key);
  const object = shell.reader.get(shell.reconciler.kind, namespace, name);
  if (object === undefined || isLeaving(shell, object)) {
    shell.guard.forget(key);
    return { result: 'settled' };
  }
  if (!shell.guard.isCaughtUp(key, shell.clock())) return { result: 'behind' };
  let plan: Plan<object> | undefined;
  try {
    plan = shell.reconciler.plan(await shell.reconciler.observe(shell.reader, object));
    for (const action of plan.actions) await act(shell, key, action);
    await writeProgress(shell, object, plan);
    await writeStatus(shell, object, plan);
    const { requeueAfterSeconds } = plan;
    return { result: 'settled', ...(requeueAfterSeconds === undefined ? {} : { requeueAfterSeconds }) };
  } catch (error) {
    return await report(shell, object, plan, sortTrouble(error), failures);
  }
}

/** Being deleted, with nothing that is left to do for it. */
function isLeaving({ reconciler }: Shell, { metadata }: ReconciledObject): boolean {
  if (metadata.deletionTimestamp === undefined) return false;
  return reconciler.finalizer === undefined || metadata.finalizers?.includes(reconciler.finalizer) !== true;
}

async function act(shell: Shell, key: Key, action: Action): Promise<void> {
  const { writer, guard } = shell;
  const { object } = action;
  const kind = shell.kindOf(object);
  try {
    if (action.type === 'apply') {
      const written = await writer.apply(object, action.fieldManager);
      if (kind !== undefined) guard.wrote(key, kind, written, shell.clock());
    } else if (action.type === 'patch') {
      const written = await writer.patch(action);
      if (kind !== undefined) guard.wrote(key, kind, written, shell.clock());
    } else {
      await writer.remove(object, action.propagation);
      const { name, namespace, uid } = object.metadata ?? {};
      if (kind === undefined || name === undefined || uid === undefined) return;
      guard.removed(key, kind, { name, uid, ...(namespace === undefined ? {} : { namespace }) }, shell.clock());
    }
  } catch (error) {
    throw new ActionError(action.type, object, error);
  }
}

/** Progress has a field manager of its own, shared with the reports of workers. */
async function writeProgress(shell: Shell, object: ReconciledObject, plan: Plan<object>): Promise<void> {
  const { progressFields = [] } = shell.reconciler;
  if (plan.progress === undefined || isSameStatus(currentProgress(object, progressFields), plan.progress)) return;
  note(shell, await shell.writer.applyStatus(object, plan.progress, progressManager));
}

async function writeStatus(shell: Shell, object: ReconciledObject, plan: Plan<object>): Promise<void> {
  const { reconciler, reader, record } = shell;
  const { progressFields = [] } = reconciler;
  const status = plannedStatus(object, plan, progressFields, reader.now());
  const isChanged = !isSameStatus(currentStatus(object, progressFields), status);
  if (isChanged) note(shell, await shell.writer.applyStatus(object, status, controllerManager));
  if (!isChanged && plan.actions.length === 0) return;
  const transition = transitionEvent(object.status, status);
  for (const event of [...plan.events, ...(transition === undefined ? [] : [transition])]) record(object, event);
}

function note(shell: Shell, written: KubernetesObject | undefined): void {
  if (written !== undefined) shell.guard.wrote(keyOf(written), shell.reconciler.kind, written, shell.clock());
}

/** Say in the status what is wrong, keeping everything else in it. */
async function report(
  shell: Shell,
  object: ReconciledObject,
  plan: Plan<object> | undefined,
  trouble: Trouble,
  failures: number,
): Promise<Outcome> {
  const isWorthReporting =
    trouble.reason !== 'NotLeader' && (trouble.sort !== 'retry' || failures + 1 >= failuresUntilReported);
  if (isWorthReporting) {
    try {
      await writeStatus(shell, object, troublePlan(object, plan, trouble));
    } catch {
      // the trouble itself is what counts; the next round tries to report it again
    }
  }
  return { result: 'failed', trouble };
}

function troublePlan(object: ReconciledObject, plan: Plan<object> | undefined, { sort, reason, message }: Trouble) {
  const options = {
    conditions: plan?.conditions ?? ownConditions(object.status),
  };
  switch (sort) {
    case 'stalled':
      return stalled(reason, message, options);
    case 'waiting':
      return progressing(reason, message, options);
    case 'retry':
      return retrying(reason, message, options);
  }
}

/** Find a kind among those that are watched. */
export const kindFinder =
  (kinds: () => readonly ResourceKind[]): Shell['kindOf'] =>
  ({ apiVersion, kind }) =>
    kinds().find((one) => one.kind === kind && apiVersionOf(one) === apiVersion);
