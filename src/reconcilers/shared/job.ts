import { preemptedExitCodes, terminalExitCodes } from '../../contract/exit-codes.ts';
import type { ConfigMap, Job } from '../../controller/kinds.ts';
import { apply, remove } from '../../controller/plan.ts';
import type { Action } from '../../controller/plan.ts';
import { hasService, isGang, jobParts, renderService } from './gang.ts';
import { renderNetworkPolicy } from './network-policy.ts';
import type { RunSettings } from './run-settings.ts';
import type { WorkerRun } from './worker-run.ts';
import { kindLabel, labels, ownerReference, queueLabelNames, runAnnotations } from './run.ts';
import { podTemplate } from './pod.ts';

type Place = Pick<WorkerRun, 'owner' | 'run' | 'errand'>;

export const labelsOf = ({ owner, run, errand }: Place): Record<string, string> => ({
  [labels.managedBy]: 'doctune',
  [labels.kind]: kindLabel(owner, errand),
  [labels.name]: owner.metadata.name,
  [labels.run]: run.name,
});

function metadataOf(worker: WorkerRun) {
  const { owner, run } = worker;
  const { namespace } = owner.metadata;
  return {
    name: run.name,
    ...(namespace === undefined ? {} : { namespace }),
    labels: labelsOf(worker),
    ownerReferences: [ownerReference(owner)],
  };
}

function annotationsOf({ run, lineage }: WorkerRun): Record<string, string> {
  return {
    [runAnnotations.id]: run.id,
    [runAnnotations.inputsHash]: run.inputsHash,
    [runAnnotations.generation]: String(run.generation),
    ...(run.requestedAt === undefined ? {} : { [runAnnotations.requestedAt]: run.requestedAt }),
    ...(lineage === undefined ? {} : { [runAnnotations.lineage]: JSON.stringify(lineage) }),
  };
}

/** The first rule that fits a failed pod decides, so a disruption is never taken for the worker's own failure. */
const podFailurePolicy = {
  rules: [
    { action: 'Ignore' as const, onPodConditions: [{ type: 'DisruptionTarget', status: 'True' as const }] },
    {
      action: 'FailJob' as const,
      onExitCodes: { containerName: 'worker', operator: 'In' as const, values: [...terminalExitCodes] },
    },
    {
      action: 'Ignore' as const,
      onExitCodes: { containerName: 'worker', operator: 'In' as const, values: [...preemptedExitCodes] },
    },
  ],
};

/**
 * Labels by which Kueue queues a Job. It suspends the Job at its creation and lets it go by itself, so the operator never
 * says anything about `spec.suspend`.
 */
function queueLabels({ owner }: WorkerRun): Record<string, string> {
  const given = owner.metadata.labels ?? {};
  return Object.fromEntries([...queueLabelNames].flatMap((name) => (name in given ? [[name, given[name] ?? '']] : [])));
}

export function renderJob(worker: WorkerRun, settings: RunSettings): Job {
  const { backoffLimit, activeDeadlineSeconds, managedBy } = worker;
  const metadata = metadataOf(worker);
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, ...queueLabels(worker) },
      annotations: annotationsOf(worker),
    },
    spec: {
      ...(managedBy === undefined ? {} : { managedBy }),
      ...jobParts(worker.gang),
      backoffLimit,
      ...(activeDeadlineSeconds === undefined ? {} : { activeDeadlineSeconds }),
      // two pods of one run must never write the same folder of the store
      podReplacementPolicy: 'Failed',
      podFailurePolicy,
      template: podTemplate(worker, labelsOf(worker), settings),
    },
  };
}

export function renderConfigMap(worker: WorkerRun, { caCertificate }: RunSettings): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadataOf(worker),
    data: {
      'input.json': `${JSON.stringify(worker.input, null, 2)}\n`,
      ...(caCertificate === undefined ? {} : { 'ca.crt': caCertificate }),
    },
  };
}

/**
 * A pod must not run without its policy, and waits for its ConfigMap and, in a run with several, for its name: so these come
 * first.
 */
export const startActions = (worker: WorkerRun, settings: RunSettings): Action[] => [
  ...(settings.hasNetworkPolicies ? [apply(renderNetworkPolicy(worker, settings))] : []),
  apply(renderConfigMap(worker, settings)),
  ...(hasService(worker.gang) ? [apply(renderService(metadataOf(worker)))] : []),
  apply(renderJob(worker, settings)),
];

/** Remove Jobs with their ConfigMaps and Services. Foreground: the Job stays until its pods are gone, so that nothing overlaps. */
export function removeActions(jobs: readonly Job[], propagation: 'Background' | 'Foreground'): Action[] {
  return jobs.flatMap((job) => {
    const { name, namespace } = job.metadata;
    const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
    return [
      remove({ apiVersion: 'v1', kind: 'ConfigMap', metadata }),
      ...(isGang(job) ? [remove({ apiVersion: 'v1', kind: 'Service', metadata })] : []),
      remove(job, { propagation }),
    ];
  });
}
