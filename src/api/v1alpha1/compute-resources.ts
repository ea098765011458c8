import { z } from 'zod';
import { exactlyOneOf, withRules } from './rules.ts';
import type { Rule } from './rules.ts';
import { bytes, cores, dataKey, listByKey, mapOf, objectName } from './scalars.ts';

const label = () => z.string().max(63);

const toleration = z.strictObject({
  key: z.string().max(317).optional().describe('Key of the taint; every key if not given.'),
  operator: z.enum(['Exists', 'Equal']).default('Equal').describe('Whether the value counts.'),
  value: label().optional().describe('Value of the taint.'),
  effect: z
    .enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute'])
    .optional()
    .describe('Effect of the taint; every effect if not given.'),
});

const resourceClaim = withRules(
  z.strictObject({
    name: z
      .string()
      .max(63)
      .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
      .describe('Name of the claim within the pod.'),
    resourceClaimName: objectName().optional().describe('A ResourceClaim of the namespace of this object.'),
    resourceClaimTemplateName: objectName()
      .optional()
      .describe('A ResourceClaimTemplate of that namespace, of which each pod gets a claim of its own.'),
    request: dataKey().optional().describe('The one request of the claim that the container gets; all if not given.'),
  }),
  exactlyOneOf('resources.resourceClaims', 'resourceClaimName', 'resourceClaimTemplateName'),
);

const isNvidia = (name: string | undefined): boolean => name === undefined || name.startsWith('nvidia.com/');

/** What each pod of a run asks of the cluster. None of it is an input, so a change starts no new run. */
export const computeFields = z.strictObject({
  gpus: z.int().min(0).max(16).default(0).describe('GPUs of the pod; 0 runs on the CPU.'),
  gpuResource: z
    .string()
    .max(253)
    .regex(/^[a-z0-9.-]+\/[A-Za-z0-9._-]+$/)
    .optional()
    .describe(
      'Resource that counts the GPUs, such as "amd.com/gpu" or "nvidia.com/mig-3g.40gb"; that of the installation, commonly "nvidia.com/gpu", if not given.',
    ),
  gpuMemory: bytes()
    .optional()
    .describe(
      'Memory that each GPU must have at least, such as "23Gi"; nodes tell it by the label "nvidia.com/gpu.memory" of NVIDIA\'s GPU feature discovery.',
    ),
  resourceClaims: listByKey(resourceClaim, 'name', 0, 8)
    .optional()
    .describe('Devices by dynamic resource allocation, instead of or beside "gpus".'),
  cpu: cores().optional().describe('CPU cores that the pod asks for, such as "4" or "500m".'),
  memory: bytes()
    .optional()
    .describe('Memory that the pod asks for and may use, such as "16Gi"; no limit if not given.'),
  nodeSelector: mapOf(label(), 16).optional().describe('Labels that the node must have.'),
  tolerations: z.array(toleration).max(16).optional().describe('Taints that the pod tolerates.'),
});

export const gpuMemoryRule: Rule<z.output<typeof computeFields>> = {
  cel: `!has(self.gpuMemory) || self.gpus > 0 && (!has(self.gpuResource) || self.gpuResource.startsWith('nvidia.com/'))`,
  message:
    'resources.gpuMemory goes with resources.gpus of at least 1, and with NVIDIA GPUs alone: choose others by resources.nodeSelector',
  holds: ({ gpus, gpuMemory, gpuResource }) => gpuMemory === undefined || (gpus > 0 && isNvidia(gpuResource)),
};

export const computeResources = withRules(computeFields, gpuMemoryRule)
  .prefault({})
  .describe('What the pod asks of the cluster; a change counts from the next run on.');
export type ComputeResources = z.output<typeof computeResources>;
