import { apiVersionOf } from '../../src/controller/kinds.ts';
import type { ResourceKind } from '../../src/controller/kinds.ts';
import type { KubernetesObject } from '../../src/controller/object.ts';
import type { Action, Manifest, Plan } from '../../src/controller/plan.ts';
import type { AnyReconciler, ClusterReader } from '../../src/controller/reconciler.ts';
import { currentProgress, plannedStatus } from '../../src/controller/status.ts';

const keyOf = ({ apiVersion, kind, metadata }: Manifest): string =>
  [apiVersion, kind, metadata?.namespace ?? '', metadata?.name ?? ''].join('/');

/** As the API server merges the fields of several managers, as far as the plans need it. */
function merged(before: KubernetesObject | undefined, object: KubernetesObject): KubernetesObject {
  const annotations = { ...before?.metadata.annotations, ...object.metadata.annotations };
  return { ...before, ...object, metadata: { ...before?.metadata, ...object.metadata, annotations } };
}

/** `apply Job quickstart-fetch-0a1b2c3d` */
export const actionLine = ({ type, object }: Action): string => `${type} ${object.kind} ${object.metadata?.name ?? ''}`;

/** A cluster in memory: reads as the caches do, and carries plans out at once and completely. */
export class World implements ClusterReader {
  readonly #objects = new Map<string, KubernetesObject>();
  #uids = 0;
  #now = new Date('2026-11-22T12:00:00Z');

  now(): Date {
    return this.#now;
  }

  wait(seconds: number): void {
    this.#now = new Date(this.#now.getTime() + seconds * 1000);
  }

  get<Object extends KubernetesObject>(
    kind: ResourceKind<Object>,
    namespace: string | undefined,
    name: string,
  ): Object | undefined {
    const key = keyOf({
      apiVersion: apiVersionOf(kind),
      kind: kind.kind,
      metadata: { namespace: namespace ?? '', name },
    });
    return this.#objects.get(key) as Object | undefined;
  }

  ownedBy<Object extends KubernetesObject>(
    kind: ResourceKind<Object>,
    { metadata: { uid } }: { metadata: { uid?: string } },
  ): readonly Object[] {
    return this.all(kind).filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid));
  }

  list<Object extends KubernetesObject>(kind: ResourceKind<Object>): readonly Object[] {
    return this.all(kind);
  }

  all<Object extends KubernetesObject>(kind: ResourceKind<Object>): Object[] {
    return [...this.#objects.values()].filter(
      (object) => object.kind === kind.kind && object.apiVersion === apiVersionOf(kind),
    ) as Object[];
  }

  /** Add or replace; what the API server would fill in is filled in. */
  put<Object extends KubernetesObject>(object: Object): Object {
    const key = keyOf(object);
    const uid = object.metadata.uid ?? this.#objects.get(key)?.metadata.uid ?? `uid-${++this.#uids}`;
    const creationTimestamp = object.metadata.creationTimestamp ?? this.#now.toISOString();
    const stored = { ...object, metadata: { ...object.metadata, uid, creationTimestamp } };
    this.#objects.set(key, stored);
    return stored;
  }

  delete(object: Manifest): void {
    const stored = this.#objects.get(keyOf(object));
    this.#objects.delete(keyOf(object));
    const orphans = [...this.#objects.values()].filter(({ metadata }) =>
      metadata.ownerReferences?.some(({ uid }) => uid === stored?.metadata.uid),
    );
    for (const orphan of orphans) this.delete(orphan);
  }

  plan(reconciler: AnyReconciler, object: KubernetesObject): Plan<object> {
    const current = this.get(reconciler.kind, object.metadata.namespace, object.metadata.name);
    if (current === undefined) throw new Error(`"${object.metadata.name}" is not in the world`);
    return reconciler.plan(reconciler.observe(this, current));
  }

  /** Plan once and carry it out; the plan is given back. */
  reconcile(reconciler: AnyReconciler, object: KubernetesObject): Plan<object> {
    const plan = this.plan(reconciler, object);
    for (const action of plan.actions) this.#carryOut(action);
    const current = this.get(reconciler.kind, object.metadata.namespace, object.metadata.name);
    if (current === undefined) return plan;
    const { progressFields = [] } = reconciler;
    const progress = plan.progress ?? currentProgress(current, progressFields);
    this.put({ ...current, status: { ...plannedStatus(current, plan, progressFields, this.#now), ...progress } });
    return plan;
  }

  #carryOut({ type, object }: Action): void {
    // what others have is not in this world
    if (type === 'patch') return;
    if (type === 'remove') {
      this.delete(object);
      return;
    }
    if (object.metadata?.name === undefined) throw new Error(`a ${object.kind} without a name`);
    this.put(merged(this.#objects.get(keyOf(object)), object as KubernetesObject));
  }
}
