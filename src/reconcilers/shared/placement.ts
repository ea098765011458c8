import { parseBytes } from '../../api/v1alpha1/index.ts';
import type { Affinity, ComputeResources } from '../../api/v1alpha1/index.ts';
import { asJson } from '../../controller/json.ts';
import type { Hints } from './pending.ts';
import type { WorkerRun } from './worker-run.ts';

/** Label of NVIDIA's GPU feature discovery: MiB of each GPU of a node. */
const memoryLabel = 'nvidia.com/gpu.memory';
const mebibyte = 2 ** 20;

type NodeTerm = NonNullable<
  NonNullable<Affinity['nodeAffinity']>['requiredDuringSchedulingIgnoredDuringExecution']
>['nodeSelectorTerms'][number];

function memoryExpression(gpuMemory: string | number) {
  // there is no "at least": more than one less is the same for whole numbers
  const above = Math.ceil(parseBytes(gpuMemory) / mebibyte) - 1;
  return { key: memoryLabel, operator: 'Gt' as const, values: [String(above)] };
}

/** One term of several is enough, so what a GPU must have goes into each of them. */
function withGpuMemory(affinity: Affinity | undefined, gpuMemory: string | number | undefined): Affinity | undefined {
  if (gpuMemory === undefined) return affinity;
  const expression = memoryExpression(gpuMemory);
  const { nodeAffinity } = affinity ?? {};
  const given: NodeTerm[] = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const nodeSelectorTerms =
    given.length === 0
      ? [{ matchExpressions: [expression] }]
      : given.map(({ matchExpressions }) => ({ matchExpressions: [...matchExpressions, expression] }));
  return {
    ...affinity,
    nodeAffinity: { ...nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } },
  };
}

const podClaims = ({ resourceClaims = [] }: ComputeResources) =>
  resourceClaims.map(({ name, resourceClaimName, resourceClaimTemplateName }) => ({
    name,
    resourceClaimName,
    resourceClaimTemplateName,
  }));

/** Where the pod may go and by whom it is put there: the members of a pod's spec that are given. */
export function placementOf({ resources, runtime }: Pick<WorkerRun, 'resources' | 'runtime'>): Record<string, unknown> {
  const { schedulerName, priorityClassName, runtimeClassName, affinity, topologySpreadConstraints } =
    runtime?.podTemplate ?? {};
  const { nodeSelector, tolerations, gpuMemory } = resources;
  const claims = podClaims(resources);
  // zod keeps a member that was left out as undefined, which no manifest has
  return asJson({
    nodeSelector,
    tolerations,
    schedulerName,
    priorityClassName,
    runtimeClassName,
    affinity: withGpuMemory(affinity, gpuMemory),
    topologySpreadConstraints,
    resourceClaims: claims.length === 0 ? undefined : claims,
  }) as Record<string, unknown>;
}

/** What a message about a pod that no node takes can say of its resources. */
export const resourceHints = ({ gpuMemory }: ComputeResources): Pick<Hints, 'resources' | 'asked'> => ({
  resources: 'spec.resources',
  ...(gpuMemory === undefined
    ? {}
    : {
        asked: `spec.resources.gpuMemory asks for GPUs of at least ${gpuMemory}, which nodes tell by "${memoryLabel}"`,
      }),
});
