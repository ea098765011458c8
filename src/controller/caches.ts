import { isDeepStrictEqual } from 'node:util';
import { resourceName } from './kinds.ts';
import type { ResourceKind } from './kinds.ts';
import type { Log } from './log.ts';
import { objectKey } from './object.ts';
import type { Key, KubernetesObject } from './object.ts';
import type { ClusterReader, Reference, Selector } from './reconciler.ts';
import { Reflector } from './reflector.ts';
import { Store } from './store.ts';
import type { Change } from './store.ts';
import type { Transport } from './transport.ts';

export type OnChange = (change: Change) => void;

interface Cache {
  kind: ResourceKind;
  selector: Selector | undefined;
  store: Store;
  reflectors: Reflector[];
  listeners: OnChange[];
  references: ((object: KubernetesObject) => readonly Reference[])[];
}

export interface CachesOptions {
  transport: Transport;
  /** empty: all namespaces */
  namespaces: readonly string[];
  log: Log;
  clock?: () => Date;
}

const referenceName = ({ kind, namespace, name }: Reference): string =>
  `${resourceName(kind)}/${objectKey(namespace, name)}`;

/** The kinds that this process reads, each mirrored once however many reconcilers ask for it. */
export class Caches implements ClusterReader {
  readonly #caches = new Map<string, Cache>();
  readonly #options: CachesOptions;

  constructor(options: CachesOptions) {
    this.#options = options;
  }

  get kinds(): ResourceKind[] {
    return [...this.#caches.values()].map(({ kind }) => kind);
  }

  get hasSynced(): boolean {
    return this.reflectors.length > 0 && this.reflectors.every((reflector) => reflector.hasSynced);
  }

  get reflectors(): Reflector[] {
    return [...this.#caches.values()].flatMap((cache) => cache.reflectors);
  }

  /** Ask for a kind; before `run` only. */
  track(kind: ResourceKind, selector?: Selector): void {
    const known = this.#caches.get(resourceName(kind));
    if (known === undefined) this.#caches.set(resourceName(kind), this.#create(kind, selector));
    else if (!isDeepStrictEqual(known.selector, selector))
      throw new Error(
        `"${resourceName(kind)}" is watched with the selectors ${JSON.stringify(known.selector)} and ${JSON.stringify(selector)}: use one`,
      );
  }

  /** Index what the objects of a kind reference, so that `referrers` finds them; before `run` only. */
  indexReferences(kind: ResourceKind, references: (object: KubernetesObject) => readonly Reference[]): void {
    this.#cache(kind).references.push(references);
  }

  onChange(kind: ResourceKind, listener: OnChange): void {
    this.#cache(kind).listeners.push(listener);
  }

  store(kind: ResourceKind): Store {
    return this.#cache(kind).store;
  }

  /** Mirrors until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.reflectors.map((reflector) => reflector.run(signal)));
  }

  now(): Date {
    return this.#options.clock?.() ?? new Date();
  }

  get<Object extends KubernetesObject>(
    kind: ResourceKind<Object>,
    namespace: string | undefined,
    name: string,
  ): Object | undefined {
    return this.store(kind).get(objectKey(namespace, name)) as Object | undefined;
  }

  ownedBy<Object extends KubernetesObject>(
    kind: ResourceKind<Object>,
    owner: { metadata: { uid?: string } },
  ): readonly Object[] {
    return owner.metadata.uid === undefined ? [] : (this.store(kind).ownedBy(owner.metadata.uid) as Object[]);
  }

  /** All objects of a kind, in no order: for metrics, and the few decisions that need them all. */
  list<Object extends KubernetesObject>(kind: ResourceKind<Object>): readonly Object[] {
    return [...this.store(kind).all()] as Object[];
  }

  /** Keys of the objects of `kind` that reference the object. */
  referrers(kind: ResourceKind, referenced: ResourceKind, object: KubernetesObject): readonly Key[] {
    const { namespace, name } = object.metadata;
    return this.store(kind).referrers(referenceName({ kind: referenced, namespace, name }));
  }

  #cache(kind: ResourceKind): Cache {
    const cache = this.#caches.get(resourceName(kind));
    if (cache === undefined) throw new Error(`"${resourceName(kind)}" is read but not watched: add a watch for it`);
    return cache;
  }

  #create(kind: ResourceKind, selector: Selector | undefined): Cache {
    const { transport, log, namespaces } = this.#options;
    const listeners: OnChange[] = [];
    const references: Cache['references'] = [];
    const store = new Store(
      (change) => {
        for (const listener of listeners) listener(change);
      },
      (object) => references.flatMap((find) => find(object).map(referenceName)),
    );
    const scopes = namespaces.length === 0 ? [{}] : namespaces.map((namespace) => ({ namespace }));
    const reflectors = scopes.map(
      (scope) =>
        new Reflector({ transport, kind, store, log, ...scope, ...(selector === undefined ? {} : { selector }) }),
    );
    return { kind, selector, store, reflectors, listeners, references };
  }
}
