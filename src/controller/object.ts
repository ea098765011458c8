/** The part of an object's metadata that the machinery reads. Times are RFC 3339 strings, as they come over the wire. */
export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Readonly<Record<string, string>>;
  annotations?: Readonly<Record<string, string>>;
  ownerReferences?: readonly OwnerReference[];
  finalizers?: readonly string[];
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** An object as the API server serves it. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

/** `namespace/name`, or `name` alone where there is no namespace. */
export type Key = string;

export const keyOf = (object: { metadata: { namespace?: string; name: string } }): Key =>
  objectKey(object.metadata.namespace, object.metadata.name);

export const objectKey = (namespace: string | undefined, name: string): Key =>
  namespace === undefined ? name : `${namespace}/${name}`;

export const splitKey = (key: Key): { namespace?: string; name: string } => {
  const slash = key.indexOf('/');
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
};
