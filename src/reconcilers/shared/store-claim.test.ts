import { expect, it } from 'vitest';
import { aDataset, aDocSource, settings } from '../../../tests/builders/objects.ts';
import type { Claim } from '../../controller/kinds.ts';
import type { ApplyAction } from '../../controller/plan.ts';
import { claimActions } from './store-claim.ts';

const first = aDocSource();
const second = aDataset();
const { store } = settings;

const applied = (claim: Claim | undefined, owner: typeof first | typeof second, changed = store) => {
  const [action] = claimActions(claim, owner, changed);
  return action as (ApplyAction & { object: Claim }) | undefined;
};

it('the first owner makes the claim with the size of the settings', () => {
  expect(applied(undefined, first)).toMatchObject({
    fieldManager: `doctune-controller/${first.metadata.uid ?? ''}`,
    object: {
      metadata: { name: 'doctune-artifacts', namespace: 'docs', ownerReferences: [{ uid: first.metadata.uid }] },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '20Gi' } } },
    },
  });
});

it('a later owner joins under its own manager, and repeats what is there though the settings have changed', () => {
  const claim = applied(undefined, first)?.object;
  expect(applied(claim, second, { ...store, storageSize: '100Gi' })).toMatchObject({
    fieldManager: `doctune-controller/${second.metadata.uid ?? ''}`,
    object: {
      metadata: { ownerReferences: [{ uid: second.metadata.uid }] },
      spec: { resources: { requests: { storage: '20Gi' } } },
    },
  });
});

it('an owner that is there already does nothing', () => {
  expect(applied(applied(undefined, first)?.object, first)).toBeUndefined();
});

it('a claim that shall be kept has no owners', () => {
  const claim = applied(undefined, first, { ...store, isRetained: true })?.object;
  expect(claim?.metadata.ownerReferences).toBeUndefined();
  expect(applied(claim, second, { ...store, isRetained: true })).toBeUndefined();
});

it('a claim that a user made is used as it is, without becoming owned', () => {
  const claim = applied(undefined, first)?.object;
  const made = { ...claim, metadata: { name: 'doctune-artifacts', namespace: 'docs' } } as Claim;
  expect(applied(made, first)).toBeUndefined();
});
