import { createHash } from 'node:crypto';
import { apiVersion, dataset, docSource, evaluation, fineTuneJob } from '../../src/api/v1alpha1/index.ts';
import type {
  Artifact,
  Dataset,
  DatasetStatus,
  DocSource,
  DocSourceStatus,
  Evaluation,
  FineTuneJob,
  FineTuneJobStatus,
  Kind,
} from '../../src/api/v1alpha1/index.ts';
import type { ReconcilerSettings } from '../../src/reconcilers/settings.ts';

type Spec = Record<string, unknown>;

const namespace = 'docs';

/** A real object: the spec passes the schema and gets its defaults. */
function object(kind: Kind, name: string, spec: Spec) {
  return {
    apiVersion,
    kind: kind.kind,
    metadata: { name, namespace, uid: `uid-of-${kind.singular}-${name}`, generation: 1 },
    spec: kind.spec.parse(spec),
  };
}

export const aDocSource = (spec: Spec = {}, name = 'quickstart'): DocSource =>
  object(docSource, name, { git: { url: 'https://example.org/docs.git' }, ...spec }) as DocSource;

export const aDataset = (spec: Spec = {}, name = 'quickstart'): Dataset =>
  object(dataset, name, { sourceRefs: [{ name: 'quickstart' }], generator: { extractive: {} }, ...spec }) as Dataset;

export const aFineTuneJob = (spec: Spec = {}, name = 'quickstart'): FineTuneJob =>
  object(fineTuneJob, name, {
    datasetRef: { name: 'quickstart' },
    baseModel: { builtIn: 'tiny' },
    ...spec,
  }) as FineTuneJob;

export const anEvaluation = (spec: Spec = {}, name = 'quickstart'): Evaluation =>
  object(evaluation, name, { jobRef: { name: 'quickstart' }, ...spec }) as Evaluation;

export const aDigest = (content: string): string => `sha256:${createHash('sha256').update(content).digest('hex')}`;

export function anArtifact(kind: string, content: string): Artifact {
  const digest = aDigest(content);
  return {
    uri: `pvc://doctune-artifacts/artifacts/${kind}/${digest.slice(7)}`,
    revision: digest.slice(0, 19),
    digest,
    size: 1024,
    lastUpdateTime: '2026-11-22T11:00:00Z',
  };
}

const readyCondition = {
  type: 'Ready',
  status: 'True' as const,
  reason: 'Ready',
  message: 'it is ready',
  lastTransitionTime: '2026-11-22T11:00:00Z',
};

export const fetched = (source: DocSource, content: string): DocSource => {
  const status: DocSourceStatus = { artifact: anArtifact('documents', content), conditions: [readyCondition] };
  return { ...source, status };
};

export const generated = (rows: Dataset, content: string): Dataset => {
  const status: DatasetStatus = { artifact: anArtifact('datasets', content), conditions: [readyCondition] };
  return { ...rows, status };
};

export const trained = (job: FineTuneJob, content: string): FineTuneJob => {
  const { uri, digest } = anArtifact('datasets', 'rows');
  const status: FineTuneJobStatus = {
    artifact: anArtifact('adapters', content),
    artifactRun: 'earlier',
    lineage: { inputsHash: 'earlier', dataset: { name: 'quickstart', uri, digest }, baseModel: job.spec.baseModel },
    conditions: [readyCondition],
  };
  return { ...job, status };
};

export const settings: ReconcilerSettings = {
  images: { operator: 'doctune/operator:1', trainer: 'doctune/trainer:1' },
  imagePullPolicy: 'IfNotPresent',
  imagePullSecrets: [],
  progress: {
    url: 'https://doctune-progress.doctune-system.svc:8443/',
    caCertificate: () => '-----BEGIN CERTIFICATE-----\n',
  },
  gpuResource: 'nvidia.com/gpu',
  allowedNetworks: [],
  hasNetworkPolicies: true,
  store: { storageSize: '20Gi', accessMode: 'ReadWriteOnce', isRetained: false },
  abTests: { routes: [], readRoute: () => Promise.reject(new Error('there is no route')) },
};
