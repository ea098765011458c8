import { claims, jobs, pods } from '../../controller/kinds.ts';
import type { ResourceKind } from '../../controller/kinds.ts';
import { byOwner, byOwnerOf } from '../../controller/reconciler.ts';
import type { Watch } from '../../controller/reconciler.ts';
import { configMaps } from '../../controller/kinds.ts';
import { ownSelector } from './run.ts';

/** What every kind has made for it: Jobs, their pods, their inputs, and a share in the store. */
export const childWatches = (kind: ResourceKind): Watch[] => [
  byOwner(kind, jobs, ownSelector),
  byOwnerOf(kind, jobs, pods, ownSelector),
  byOwner(kind, configMaps, ownSelector),
  byOwner(kind, claims, ownSelector),
];
