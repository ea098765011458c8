import type { HttpRoute } from './shared/http-route.ts';

/** What the reconcilers need to know of the installation. */
export interface ReconcilerSettings {
  images: {
    /** runs fetch-documents and generate-dataset */
    operator: string;
    /** runs the trainer and the evaluator */
    trainer: string;
  };
  imagePullPolicy: 'Always' | 'IfNotPresent' | 'Never';
  /** names of Secrets in the namespaces of the objects */
  imagePullSecrets: readonly string[];
  progress: {
    /** absent: workers report to nobody */
    url?: string;
    /** PEM of the authority behind the progress server; undefined while it is not made yet */
    caCertificate(): string | undefined;
  };
  /** resource that `spec.resources.gpus` counts, such as "nvidia.com/gpu" */
  gpuResource: string;
  /** private networks that fetchers of web pages and buckets may reach, in CIDR form */
  allowedNetworks: readonly string[];
  /** limit what the pods of runs may reach */
  hasNetworkPolicies: boolean;
  store: StoreSettings;
  /** what tests under traffic may touch, and how they read it */
  abTests: AbTestAccess;
}

export interface AbTestAccess {
  /** `namespace/name` of the HTTPRoutes that the chart gives rights on */
  routes: readonly string[];
  readRoute(namespace: string | undefined, name: string): Promise<HttpRoute>;
  /** the value of a PromQL query at a time; undefined if it has no series. Absent where no Prometheus is set */
  query?: (expression: string, at: Date) => Promise<number | undefined>;
}

/** The claim "doctune-artifacts" that each namespace gets on demand. */
export interface StoreSettings {
  /** quantity, such as "20Gi" */
  storageSize: string;
  /** absent: the default class of the cluster */
  storageClassName?: string;
  accessMode: 'ReadWriteOnce' | 'ReadWriteMany' | 'ReadWriteOncePod';
  /** keep the claim when the last object of the namespace is deleted */
  isRetained: boolean;
}
