import type { ResourceKind } from './kinds.ts';
import { objectKey } from './object.ts';
import type { Key, KubernetesObject } from './object.ts';
import type { Store } from './store.ts';

interface Pending {
  kind: ResourceKind;
  namespace: string | undefined;
  hasArrived: (store: Store) => boolean;
  until: number;
}

/** Longer than a reflector takes to find that its watch is dead and to read everything anew. */
const longestWaitMs = 300_000;

/**
 * Read your writes: an object is reconciled again only once the caches show what its last reconcile wrote, since a
 * decision on the state before would write everything a second time. Times are milliseconds of any one clock.
 */
export class WriteGuard {
  readonly #pending = new Map<Key, Pending[]>();
  readonly #storeOf: (kind: ResourceKind) => Store;

  constructor(storeOf: (kind: ResourceKind) => Store) {
    this.#storeOf = storeOf;
  }

  /** The reconcile of `owner` wrote `object`, as the API server gave it back. */
  wrote(owner: Key, kind: ResourceKind, object: KubernetesObject, now: number): void {
    const { namespace, name, resourceVersion } = object.metadata;
    if (resourceVersion === undefined) return;
    const isNewer = (seen: KubernetesObject | undefined): boolean =>
      Number(seen?.metadata.resourceVersion ?? 0) >= Number(resourceVersion);
    this.#add(owner, {
      kind,
      namespace,
      hasArrived: (store) =>
        isNewer(store.get(objectKey(namespace, name))) || store.hasSeen(namespace, resourceVersion),
      until: now + longestWaitMs,
    });
  }

  /** The reconcile of `owner` removed the object with this uid. */
  removed(
    owner: Key,
    kind: ResourceKind,
    object: { namespace?: string; name: string; uid: string },
    now: number,
  ): void {
    this.#add(owner, {
      kind,
      namespace: object.namespace,
      hasArrived: (store) => {
        const seen = store.get(objectKey(object.namespace, object.name));
        return seen?.metadata.uid !== object.uid || seen.metadata.deletionTimestamp !== undefined;
      },
      until: now + longestWaitMs,
    });
  }

  /** Whether the caches show everything that was written for this owner. */
  isCaughtUp(owner: Key, now: number): boolean {
    const pending = this.#pending.get(owner);
    if (pending === undefined) return true;
    const left = pending.filter((one) => one.until > now && !one.hasArrived(this.#storeOf(one.kind)));
    if (left.length === 0) this.#pending.delete(owner);
    else this.#pending.set(owner, left);
    return left.length === 0;
  }

  forget(owner: Key): void {
    this.#pending.delete(owner);
  }

  #add(owner: Key, pending: Pending): void {
    const all = this.#pending.get(owner);
    if (all === undefined) this.#pending.set(owner, [pending]);
    else all.push(pending);
  }
}
