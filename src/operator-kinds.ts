import type { Caches } from './controller/caches.ts';
import type { ResourceKind } from './controller/kinds.ts';
import type { KubernetesObject } from './controller/object.ts';
import { pathOf } from './controller/paths.ts';
import type { Transport } from './controller/transport.ts';
import type { OperatorKinds, OperatorOptions } from './operator.ts';
import { datasetReconciler, progressStatus as datasetProgress } from './reconcilers/dataset/index.ts';
import { docSourceReconciler, progressStatus as docSourceProgress } from './reconcilers/doc-source/index.ts';
import { queryPrometheus } from './reconcilers/evaluation/ab-test/prometheus.ts';
import { evaluationReconciler, progressStatus as evaluationProgress } from './reconcilers/evaluation/index.ts';
import { fineTuneJobReconciler, progressStatus as fineTuneJobProgress } from './reconcilers/fine-tune-job/index.ts';
import { datasets, docSources, evaluations, fineTuneJobs } from './reconcilers/kinds.ts';
import { series } from './reconcilers/metrics.ts';
import { httpRoutes } from './reconcilers/shared/http-route.ts';
import type { HttpRoute } from './reconcilers/shared/http-route.ts';
import type { ReconcilerSettings } from './reconcilers/settings.ts';
import type { Settings } from './settings.ts';

function abTestAccess({ abTestRoutes, prometheusUrl }: Settings, transport: Transport): ReconcilerSettings['abTests'] {
  return {
    routes: abTestRoutes,
    readRoute: async (namespace, name) =>
      (await transport.request('GET', pathOf(httpRoutes, namespace, name))) as HttpRoute,
    ...(prometheusUrl === undefined
      ? {}
      : { query: (expression, at) => queryPrometheus(prometheusUrl, expression, at) }),
  };
}

function reconcilerSettings(
  settings: Settings,
  caCertificate: () => string | undefined,
  transport: Transport,
): ReconcilerSettings {
  const { progressUrl, storageClass } = settings;
  return {
    images: { operator: settings.operatorImage, trainer: settings.trainerImage },
    imagePullPolicy: settings.imagePullPolicy,
    imagePullSecrets: settings.imagePullSecrets,
    progress: { ...(progressUrl === undefined ? {} : { url: progressUrl }), caCertificate },
    gpuResource: settings.gpuResource,
    allowedNetworks: settings.allowedNetworks,
    hasNetworkPolicies: settings.networkPolicies,
    store: {
      storageSize: settings.storageSize,
      ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
      accessMode: settings.storageAccessMode,
      isRetained: settings.storageRetain,
    },
    abTests: abTestAccess(settings, transport),
  };
}

const all = <Object extends KubernetesObject>(caches: Caches, kind: ResourceKind<Object>): Object[] =>
  [...caches.store(kind).all()] as Object[];

/** The four kinds, as the settings want them. */
export const operatorKinds =
  (settings: Settings): OperatorOptions['createKinds'] =>
  (caCertificate, transport): OperatorKinds => {
    const given = reconcilerSettings(settings, caCertificate, transport);
    return {
      reconcilers: [
        docSourceReconciler(given),
        datasetReconciler(given),
        fineTuneJobReconciler(given),
        evaluationReconciler(given),
      ],
      reported: [
        { kind: docSources, progressStatus: docSourceProgress },
        { kind: datasets, progressStatus: datasetProgress },
        { kind: fineTuneJobs, progressStatus: fineTuneJobProgress },
        { kind: evaluations, progressStatus: evaluationProgress },
      ],
      series: (caches) =>
        series({
          docSources: all(caches, docSources),
          datasets: all(caches, datasets),
          fineTuneJobs: all(caches, fineTuneJobs),
          evaluations: all(caches, evaluations),
        }),
    };
  };
