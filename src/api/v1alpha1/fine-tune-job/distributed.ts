import { z } from 'zod';
import { computeFields, gpuMemoryRule } from '../compute-resources.ts';
import { withRules } from '../rules.ts';

/** A training may spread over several pods; each of them gets all that is asked for here. */
export const trainingResources = withRules(
  computeFields.extend({
    nodes: z
      .int()
      .min(1)
      .max(64)
      .default(1)
      .describe('Pods that train together, each with all that is asked for here: GPUs, CPU and memory.'),
  }),
  gpuMemoryRule,
)
  .prefault({})
  .describe('What each pod asks of the cluster; a change counts from the next run on.');
export type TrainingResources = z.output<typeof trainingResources>;

const sharding = ['FSDP2', 'ZeRO1', 'ZeRO2', 'ZeRO3'];

export const distributed = withRules(
  z.strictObject({
    strategy: z
      .enum(['Auto', 'DDP', 'FSDP2', 'ZeRO1', 'ZeRO2', 'ZeRO3'])
      .optional()
      .describe(
        'How several processes share a model: DDP has a copy each, the others share parts. "Auto": DDP where a copy fits each device, else FSDP2; Auto if not given.',
      ),
    cpuOffload: z
      .boolean()
      .optional()
      .describe('Keep the parts that are shared in host memory, which is slow and fits more; false if not given.'),
  }),
  {
    cel: `!has(self.cpuOffload) || !self.cpuOffload || (has(self.strategy) && self.strategy in ['FSDP2', 'ZeRO1', 'ZeRO2', 'ZeRO3'])`,
    message:
      'distributed.cpuOffload needs distributed.strategy "FSDP2", "ZeRO1", "ZeRO2" or "ZeRO3": a copy is not offloaded',
    holds: ({ strategy, cpuOffload = false }) => !cpuOffload || (strategy !== undefined && sharding.includes(strategy)),
  },
);
