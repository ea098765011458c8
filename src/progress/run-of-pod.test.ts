import { describe, expect, test } from 'vitest';
import { resource, resourceName } from '../controller/kinds.ts';
import type { ResourceKind } from '../controller/kinds.ts';
import type { KubernetesObject } from '../controller/object.ts';
import type { ClusterReader } from '../controller/reconciler.ts';
import { runOfPod } from './run-of-pod.ts';

const things = resource({ group: 'doctune.dev', version: 'v1alpha1', kind: 'Thing', plural: 'things' });
const identity = { namespace: 'ns', name: 'pod', uid: 'pod-uid' };

const owner = (apiVersion: string, kind: string, name: string) => ({
  ownerReferences: [{ apiVersion, kind, name, uid: `${name}-uid`, controller: true }],
});
const object = (apiVersion: string, kind: string, name: string, metadata: object = {}, more: object = {}) => ({
  apiVersion,
  kind,
  metadata: { namespace: 'ns', name, uid: `${name}-uid`, ...metadata },
  ...more,
});

const chain = {
  pods: object('v1', 'Pod', 'pod', owner('batch/v1', 'Job', 'job')),
  'jobs.batch': object('batch/v1', 'Job', 'job', owner('doctune.dev/v1alpha1', 'Thing', 'thing')),
  'things.doctune.dev': object('doctune.dev/v1alpha1', 'Thing', 'thing'),
};

function find(changed: Partial<Record<keyof typeof chain, KubernetesObject | undefined>> = {}) {
  const objects: Record<string, KubernetesObject | undefined> = { ...chain, ...changed };
  const reader: ClusterReader = {
    get: <Object extends KubernetesObject>(kind: ResourceKind<Object>, _namespace: unknown, name: string) => {
      const found = objects[resourceName(kind)];
      return found?.metadata.name === name ? (found as Object) : undefined;
    },
    list: () => [],
    ownedBy: () => [],
    now: () => new Date(0),
  };
  return runOfPod(reader, [things], identity)?.object.metadata.name;
}

const ended = (type: string) => ({ status: { conditions: [{ type, status: 'True' }] } });
const job = (metadata: object, more: object = {}) =>
  object('batch/v1', 'Job', 'job', { ...owner('doctune.dev/v1alpha1', 'Thing', 'thing'), ...metadata }, more);

describe('a pod reports for the object behind its Job', () => {
  test('when every link holds', () => expect(find()).toBe('thing'));

  test.each([
    ['the pod is not known yet', { pods: undefined }],
    ['the pod has a namesake', { pods: { ...chain.pods, metadata: { ...chain.pods.metadata, uid: 'other' } } }],
    ['the pod is nobody’s', { pods: object('v1', 'Pod', 'pod') }],
    ['the Job is gone', { 'jobs.batch': undefined }],
    ['the Job has a namesake', { 'jobs.batch': job({ uid: 'other' }) }],
    ['the Job is being deleted', { 'jobs.batch': job({ deletionTimestamp: 'now' }) }],
    ['the Job is complete', { 'jobs.batch': job({}, ended('Complete')) }],
    ['the Job has failed', { 'jobs.batch': job({}, ended('Failed')) }],
    ['the Job is of another program', { 'jobs.batch': job(owner('other.dev/v1', 'Thing', 'thing')) }],
    [
      'the object has a namesake',
      { 'things.doctune.dev': object('doctune.dev/v1alpha1', 'Thing', 'thing', { uid: 'x' }) },
    ],
  ])('and for none when %s', (_name, changed) => expect(find(changed)).toBeUndefined());
});
