import type { ResourceKind } from './kinds.ts';
import type { Key, KubernetesObject, OwnerReference } from './object.ts';
import type { Plan } from './plan.ts';

/** A condition as it stands in a status. */
export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason: string;
  message: string;
  observedGeneration?: number;
  lastTransitionTime: string;
}

export interface ConditionedStatus {
  observedGeneration?: number;
  conditions?: readonly Condition[];
  phase?: string;
  lastHandledReconcileAt?: string;
}

/** An object of a kind that a reconciler looks after. */
export interface ReconciledObject<Status = object> extends KubernetesObject {
  status?: Status;
}

/** Reads from the caches: never a request, and the objects given are frozen. */
export interface ClusterReader {
  get<Object extends KubernetesObject>(
    kind: ResourceKind<Object>,
    namespace: string | undefined,
    name: string,
  ): Object | undefined;
  /** all objects whose ownerReferences name this owner, sorted by name */
  ownedBy<Object extends KubernetesObject>(
    kind: ResourceKind<Object>,
    owner: { metadata: { uid?: string } },
  ): readonly Object[];
  /** all objects of a kind, in no order: for a decision that needs them all, of a kind with few objects */
  list<Object extends KubernetesObject>(kind: ResourceKind<Object>): readonly Object[];
  now(): Date;
}

/** Names another object that the decision about this one depends on, whether it exists or not. */
export interface Reference {
  kind: ResourceKind;
  /** undefined for a kind without namespaces */
  namespace: string | undefined;
  name: string;
}

/** What a mapping from a watched object to keys may look at. */
export interface WatchContext {
  reader: ClusterReader;
  /** keys of the reconciler's objects that reference the object (`Reconciler.references`) */
  referrers(object: KubernetesObject): readonly Key[];
}

/** Which objects of a kind are watched, as the API server selects them. */
export interface Selector {
  labels?: string;
  fields?: string;
}

/** A kind other than the reconciler's own, whose changes make it look again. */
export interface Watch<Object extends KubernetesObject = KubernetesObject> {
  kind: ResourceKind<Object>;
  /**
   * Selects, so that the cache holds only what concerns us. One kind has one selector in the whole process, and only
   * watched kinds can be read.
   */
  selector?: Selector;
  /** keys of the reconciler's objects that the changed object concerns */
  keys(object: Object, context: WatchContext): readonly Key[];
}

/** A kind's decisions. `observe` reads everything into one value and decides nothing; `plan` is pure and never throws. */
export interface Reconciler<
  Object extends ReconciledObject<Status>,
  Observed,
  Status extends object = ConditionedStatus & Record<string, unknown>,
> {
  kind: ResourceKind<Object>;
  watches: readonly Watch[];
  /** what an object references by name; kept in an index, for `byReference` */
  references?(object: Object): readonly Reference[];
  /** an object that is being deleted is planned for as long as it has this finalizer, which plans put there and take away */
  finalizer?: string;
  /** top-level fields of the status that only `Plan.progress` and the reports of workers write */
  progressFields?: readonly string[];
  observe(reader: ClusterReader, object: Object): Observed | Promise<Observed>;
  plan(observed: Observed): Plan<Status>;
}

/** What the machinery and the list of all kinds deal in. */
export type AnyReconciler = Reconciler<ReconciledObject, unknown, object>;

const ownersOf = (object: KubernetesObject): readonly OwnerReference[] => object.metadata.ownerReferences ?? [];

const keysOfOwners = (kind: ResourceKind, object: KubernetesObject): Key[] =>
  ownersOf(object)
    .filter((owner) => owner.kind === kind.kind && owner.apiVersion.startsWith(`${kind.group}/`))
    .map((owner) => keyIn(object, owner.name));

const keyIn = ({ metadata }: KubernetesObject, name: string): Key =>
  metadata.namespace === undefined ? name : `${metadata.namespace}/${name}`;

/** Watch objects that carry an ownerReference to an object of `owner`. */
export function byOwner<Object extends KubernetesObject>(
  owner: ResourceKind,
  kind: ResourceKind<Object>,
  selector?: Selector,
): Watch {
  return { kind, ...(selector === undefined ? {} : { selector }), keys: (object) => keysOfOwners(owner, object) };
}

/** Watch grandchildren, for instance the pods of an object's Jobs: `byOwnerOf(fineTuneJobs, jobs, pods, selector)`. */
export function byOwnerOf<Object extends KubernetesObject>(
  owner: ResourceKind,
  child: ResourceKind,
  kind: ResourceKind<Object>,
  selector?: Selector,
): Watch {
  return {
    kind,
    ...(selector === undefined ? {} : { selector }),
    keys: (object, { reader }) =>
      ownersOf(object)
        .filter((parent) => parent.kind === child.kind)
        .map((parent) => reader.get(child, object.metadata.namespace, parent.name))
        .flatMap((parent) => (parent === undefined ? [] : keysOfOwners(owner, parent))),
  };
}

/** Watch objects that are named by `Reconciler.references`. */
export function byReference<Object extends KubernetesObject>(kind: ResourceKind<Object>, selector?: Selector): Watch {
  return {
    kind,
    ...(selector === undefined ? {} : { selector }),
    keys: (object, context) => context.referrers(object),
  };
}
