import type { ComputeResources, Runtime } from '../../api/v1alpha1/index.ts';
import type { Gang } from './gang.ts';
import type { Reach } from './reach.ts';
import type { DesiredRun, Errand, Owner } from './run.ts';

/** Something of the namespace that a run reads. */
export type Mount =
  /** all keys if none are named */
  | { secret: string; keys?: readonly string[] }
  | { configMap: string; at: string }
  | { claim: string; path: string | undefined; at: string };

/** Everything that makes the Job of one run. */
export interface WorkerRun {
  owner: Owner;
  run: DesiredRun;
  /** of work beside the runs of the object: it gets no store, and reports to nobody */
  errand?: Errand;
  image: string;
  command: readonly string[];
  /** the input file; nothing in it may be secret */
  input: unknown;
  mounts: readonly Mount[];
  /** addresses that the worker must reach */
  reach: Reach;
  resources: ComputeResources;
  /** of a run with more than one process */
  gang?: Gang | undefined;
  /** requests where the spec has none, so that the scheduler knows of the pod */
  requests: { cpu: string; memory: string };
  backoffLimit: number;
  activeDeadlineSeconds?: number | undefined;
  /** between SIGTERM and SIGKILL; two minutes if not given */
  graceSeconds?: number;
  /** controller of the Job; that of Kubernetes if not given */
  managedBy?: string | undefined;
  /** what a user adds to the pod, but for the image */
  runtime?: Runtime | undefined;
  /** kept with the Job, for the moment when its result comes */
  lineage?: unknown;
}
