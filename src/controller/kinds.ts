import type { IConfigMap } from 'kubernetes-models/v1/ConfigMap';
import type { IPersistentVolumeClaim } from 'kubernetes-models/v1/PersistentVolumeClaim';
import type { IPod } from 'kubernetes-models/v1/Pod';
import type { IService } from 'kubernetes-models/v1/Service';
import type { IJob } from 'kubernetes-models/batch/v1/Job';
import type { KubernetesObject } from './object.ts';

export interface ResourceNames {
  /** empty for the core group */
  group: string;
  version: string;
  kind: string;
  plural: string;
}

/** Where a kind is served. `Object` is the type of what a read of it gives; it exists for the compiler alone. */
export interface ResourceKind<Object extends KubernetesObject = KubernetesObject> extends ResourceNames {
  readonly object?: Object;
}

export const resource = <Object extends KubernetesObject>(names: ResourceNames): ResourceKind<Object> => names;

export const apiVersionOf = ({ group, version }: ResourceNames): string =>
  group === '' ? version : `${group}/${version}`;

/** Identifies a resource within one process, for instance "jobs.batch". */
export const resourceName = ({ group, plural }: ResourceNames): string =>
  group === '' ? plural : `${plural}.${group}`;

export type Job = IJob & KubernetesObject;
export type Pod = IPod & KubernetesObject;
export type ConfigMap = IConfigMap & KubernetesObject;
export type Service = IService & KubernetesObject;
export type Claim = IPersistentVolumeClaim & KubernetesObject;

export const jobs = resource<Job>({ group: 'batch', version: 'v1', kind: 'Job', plural: 'jobs' });
export const pods = resource<Pod>({ group: '', version: 'v1', kind: 'Pod', plural: 'pods' });
export const configMaps = resource<ConfigMap>({ group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps' });
export const services = resource<Service>({ group: '', version: 'v1', kind: 'Service', plural: 'services' });
export const networkPolicies = resource({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
});
export const claims = resource<Claim>({
  group: '',
  version: 'v1',
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
});
