import { claims, configMaps, jobs, networkPolicies, pods } from '../../controller/kinds.ts';
import type { ResourceKind } from '../../controller/kinds.ts';
import { byOwner, byOwnerOf } from '../../controller/reconciler.ts';
import type { Watch } from '../../controller/reconciler.ts';
import { storeClaim } from '../../contract/environment.ts';
import { ownSelector } from './run.ts';

/** What every kind has made for it: Jobs, their pods, their inputs, what they may reach, and a share in the store. */
export const childWatches = (kind: ResourceKind): Watch[] => [
  byOwner(kind, jobs, ownSelector),
  byOwnerOf(kind, jobs, pods, ownSelector),
  byOwner(kind, configMaps, ownSelector),
  byOwner(kind, networkPolicies, ownSelector),
  // by name, since a claim that somebody else made has none of our labels and must be left as it is
  byOwner(kind, claims, { fields: `metadata.name=${storeClaim}` }),
];
