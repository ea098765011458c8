import { apiVersion } from '../../api/v1alpha1/index.ts';
import { storeClaim } from '../../contract/environment.ts';
import { claims } from '../../controller/kinds.ts';
import type { Claim } from '../../controller/kinds.ts';
import { apply } from '../../controller/plan.ts';
import type { Action } from '../../controller/plan.ts';
import type { ClusterReader } from '../../controller/reconciler.ts';
import type { StoreSettings } from '../settings.ts';
import { labels } from './run.ts';
import type { Owner } from './run.ts';

export const observeClaim = (reader: ClusterReader, { metadata }: Owner): Claim | undefined =>
  reader.get(claims, metadata.namespace, storeClaim);

export const isTerminating = (claim: Claim | undefined): boolean => claim?.metadata.deletionTimestamp !== undefined;

/** A claim that a user made is used as it is, and never deleted with the objects. */
const isOurs = (claim: Claim): boolean => claim.metadata.labels?.[labels.managedBy] === 'doctune';

const isOwnedBy = (claim: Claim, { metadata }: Owner): boolean =>
  claim.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid) ?? false;

function specOf(claim: Claim | undefined, { storageSize, storageClassName, accessMode }: StoreSettings): Claim['spec'] {
  const existing = claim?.spec;
  // a claim cannot be changed any more, so an owner that comes later repeats what is there
  if (existing !== undefined) {
    const { accessModes, resources, storageClassName: className } = existing;
    return {
      ...(accessModes === undefined ? {} : { accessModes }),
      ...(resources === undefined ? {} : { resources }),
      ...(className === undefined ? {} : { storageClassName: className }),
    };
  }
  return {
    accessModes: [accessMode],
    resources: { requests: { storage: storageSize } },
    ...(storageClassName === undefined ? {} : { storageClassName }),
  };
}

/**
 * Make the claim, or join its owners: each owner applies it under a field manager of its own, the API server merges the
 * references, and the claim goes with the last of them.
 */
export function claimActions(claim: Claim | undefined, owner: Owner, store: StoreSettings): Action[] {
  if (claim !== undefined && (store.isRetained || !isOurs(claim) || isOwnedBy(claim, owner))) return [];
  const { kind, metadata } = owner;
  const reference = { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '' };
  const object = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: storeClaim,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      labels: { [labels.managedBy]: 'doctune' },
      ...(store.isRetained ? {} : { ownerReferences: [reference] }),
    },
    spec: specOf(claim, store),
  };
  return [apply(object, store.isRetained ? {} : { fieldManager: `doctune-controller/${metadata.uid ?? ''}` })];
}
