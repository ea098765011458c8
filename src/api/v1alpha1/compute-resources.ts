import { z } from 'zod';
import { bytes, cores, mapOf } from './scalars.ts';

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

/** What the pod of a run asks of the cluster. None of it changes the result, so a change starts no new run. */
export const computeResources = z
  .strictObject({
    gpus: z.int().min(0).max(16).default(0).describe('GPUs of the pod ("nvidia.com/gpu"); 0 runs on the CPU.'),
    cpu: cores().optional().describe('CPU cores that the pod asks for, such as "4" or "500m".'),
    memory: bytes()
      .optional()
      .describe('Memory that the pod asks for and may use, such as "16Gi"; no limit if not given.'),
    nodeSelector: mapOf(label(), 16).optional().describe('Labels that the node must have.'),
    tolerations: z.array(toleration).max(16).optional().describe('Taints that the pod tolerates.'),
  })
  .prefault({})
  .describe('What the pod asks of the cluster; a change counts from the next run on.');
export type ComputeResources = z.output<typeof computeResources>;
