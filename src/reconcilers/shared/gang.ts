import { processEnvironment, rendezvousPort } from '../../contract/environment.ts';
import type { Job, Pod, Service } from '../../controller/kinds.ts';
import { labels } from './run.ts';

/** A run of more than one process: so many pods, and so many processes in each. */
export interface Gang {
  nodes: number;
  processes: number;
}

/** One process a GPU; on CPUs one a pod. Undefined for a run of one process, which needs none of this. */
export function gangOf({ nodes = 1, gpus }: { nodes?: number; gpus: number }): Gang | undefined {
  const processes = Math.max(1, gpus);
  return nodes * processes === 1 ? undefined : { nodes, processes };
}

export const hasService = (gang: Gang | undefined): boolean => gang !== undefined && gang.nodes > 1;

const indexed = 'Indexed' as const;

/**
 * An Indexed Job of all pods at once. All of them end with the same result, so that of pod 0 is enough: a pod that was
 * evicted just after the run was done must not be started again, for nobody would be there to meet it.
 */
export const jobParts = (gang: Gang | undefined) =>
  gang === undefined || gang.nodes === 1
    ? {}
    : {
        completions: gang.nodes,
        parallelism: gang.nodes,
        completionMode: indexed,
        successPolicy: { rules: [{ succeededIndexes: '0' }] },
      };

/** What the pod's program needs to know to find the others; Kubernetes itself adds JOB_COMPLETION_INDEX. */
export function gangEnvironment(gang: Gang | undefined, name: string): { name: string; value: string }[] {
  if (gang === undefined) return [];
  const { nodes, processes, address, port } = processEnvironment;
  const counts = [
    { name: nodes, value: String(gang.nodes) },
    { name: processes, value: String(gang.processes) },
  ];
  if (gang.nodes === 1) return counts;
  // the name of pod 0 in the Service of the run; the Service's own name is no pod's, which would resolve to itself there
  return [...counts, { name: address, value: `${name}-0.${name}` }, { name: port, value: String(rendezvousPort) }];
}

type Metadata = Service['metadata'] & { name: string };

/** Gives each pod of a run a name in DNS, ready or not: they meet before any of them is. */
export const renderService = (metadata: Metadata): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata,
  spec: {
    clusterIP: 'None',
    publishNotReadyAddresses: true,
    selector: { [labels.run]: metadata.name },
    ports: [{ name: 'rendezvous', port: rendezvousPort }],
  },
});

export const isGang = ({ spec }: Job): boolean => spec?.completionMode === indexed;

/** Of an Indexed Job; 0 for the pod of any other. */
export const indexOf = ({ metadata }: Pod): number =>
  Number(metadata.annotations?.['batch.kubernetes.io/job-completion-index'] ?? 0);
