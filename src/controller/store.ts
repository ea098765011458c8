import { freeze } from './json.ts';
import { keyOf } from './object.ts';
import type { Key, KubernetesObject } from './object.ts';

export type Change =
  | { type: 'added' | 'modified'; object: KubernetesObject; isInitial: boolean }
  | { type: 'deleted'; object: KubernetesObject; isInitial: boolean };

/** A set of keys for each value, without empty sets. */
class Index {
  readonly #keys = new Map<string, Set<Key>>();

  add(value: string, key: Key): void {
    const keys = this.#keys.get(value);
    if (keys === undefined) this.#keys.set(value, new Set([key]));
    else keys.add(key);
  }

  remove(value: string, key: Key): void {
    const keys = this.#keys.get(value);
    if (keys?.delete(key) === true && keys.size === 0) this.#keys.delete(value);
  }

  get(value: string): readonly Key[] {
    return [...(this.#keys.get(value) ?? [])];
  }
}

/** resourceVersions are compared as the numbers that they are in every real API server */
export const isAtLeast = (version: string | undefined, wanted: string): boolean =>
  version !== undefined && Number(version) >= Number(wanted);

/** The objects of one resource as plain frozen JSON, found by key, by the uid of an owner and by what they reference. */
export class Store {
  readonly #objects = new Map<Key, KubernetesObject>();
  readonly #byOwner = new Index();
  readonly #byReference = new Index();
  /** last version seen of each scope; the empty scope is all namespaces */
  readonly #versions = new Map<string, string>();
  readonly #referencesOf: (object: KubernetesObject) => readonly string[];
  readonly #onChange: (change: Change) => void;

  constructor(
    onChange: (change: Change) => void = () => undefined,
    referencesOf: (object: KubernetesObject) => readonly string[] = () => [],
  ) {
    this.#onChange = onChange;
    this.#referencesOf = referencesOf;
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: Key): KubernetesObject | undefined {
    return this.#objects.get(key);
  }

  all(): IterableIterator<KubernetesObject> {
    return this.#objects.values();
  }

  /** sorted by key, so that a decision never depends on the order of arrival */
  ownedBy(uid: string): KubernetesObject[] {
    return this.#pick(this.#byOwner.get(uid));
  }

  referrers(reference: string): readonly Key[] {
    return this.#byReference.get(reference);
  }

  /** Whether everything up to this version has been seen. */
  hasSeen(namespace: string | undefined, version: string): boolean {
    return isAtLeast(this.#versions.get(namespace ?? '') ?? this.#versions.get(''), version);
  }

  setVersion(scope: string, version: string): void {
    this.#versions.set(scope, version);
  }

  put(object: KubernetesObject, isInitial = false): void {
    const key = keyOf(object);
    const previous = this.#objects.get(key);
    if (previous !== undefined) this.#unindex(key, previous);
    // a namesake made anew while nobody looked: whoever cares for the old one must hear of its end
    if (previous !== undefined && previous.metadata.uid !== object.metadata.uid)
      this.#onChange({ type: 'deleted', object: previous, isInitial });
    this.#objects.set(key, freeze(object));
    this.#index(key, object);
    if (previous?.metadata.resourceVersion === object.metadata.resourceVersion) return;
    this.#onChange({ type: previous === undefined ? 'added' : 'modified', object, isInitial });
  }

  delete(object: KubernetesObject): void {
    const key = keyOf(object);
    const previous = this.#objects.get(key);
    if (previous === undefined) return;
    this.#unindex(key, previous);
    this.#objects.delete(key);
    this.#onChange({ type: 'deleted', object: previous, isInitial: false });
  }

  /** Take over a whole list of one scope: what is not in it was deleted while nobody looked. */
  replace(objects: readonly KubernetesObject[], scope: string): void {
    const isInitial = !this.#versions.has(scope);
    const listed = new Set(objects.map(keyOf));
    for (const [key, object] of this.#objects)
      if (!listed.has(key) && (scope === '' || object.metadata.namespace === scope)) this.delete(object);
    for (const object of objects) this.put(object, isInitial);
  }

  #pick(keys: readonly Key[]): KubernetesObject[] {
    return [...keys].sort().flatMap((key) => this.#objects.get(key) ?? []);
  }

  #index(key: Key, object: KubernetesObject): void {
    for (const { uid } of object.metadata.ownerReferences ?? []) this.#byOwner.add(uid, key);
    for (const reference of this.#referencesOf(object)) this.#byReference.add(reference, key);
  }

  #unindex(key: Key, object: KubernetesObject): void {
    for (const { uid } of object.metadata.ownerReferences ?? []) this.#byOwner.remove(uid, key);
    for (const reference of this.#referencesOf(object)) this.#byReference.remove(reference, key);
  }
}
