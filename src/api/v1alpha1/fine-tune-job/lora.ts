import { z } from 'zod';
import { withRules } from '../rules.ts';
import { decimal, setOf } from '../scalars.ts';

const isAllLinearAlone = (modules: readonly string[]): boolean =>
  modules.length === 1 || !modules.includes('all-linear');

export const lora = withRules(
  z.strictObject({
    rank: z
      .int()
      .min(1)
      .max(1024)
      .optional()
      .describe('Rank of the LoRA matrices: more learns more and forgets more; 16 if not given.'),
    alpha: z
      .int()
      .min(1)
      .max(4096)
      .optional()
      .describe('Scale of the adapter; commonly twice the rank; 32 if not given.'),
    dropout: decimal('lora.dropout', { min: 0, max: 0.9 })
      .optional()
      .describe('Dropout on the input of the adapter; 0 if not given.'),
    targetModules: setOf(z.string().min(1).max(256), 1, 64)
      .optional()
      .describe(
        'Layers that get an adapter, by the end of their names, such as "q_proj"; or "all-linear" alone; "all-linear" if not given.',
      ),
    lastLayers: z
      .int()
      .min(1)
      .max(1024)
      .optional()
      .describe(
        'Layers at the end of the model that get an adapter, all if not given: fewer take less time, since nothing is computed backwards below them.',
      ),
    skipLayers: z
      .int()
      .min(0)
      .max(1023)
      .optional()
      .describe('First layers of the model, which get no adapter; 0 if not given.'),
    rsLoRA: z
      .boolean()
      .optional()
      .describe('Scale by the square root of the rank, which is steadier at high ranks; false if not given.'),
    plusRatio: decimal('lora.plusRatio', { min: 1, max: 1000 })
      .optional()
      .describe('LoRA+: learning rate of the matrices B over that of A, such as 16; the same if not given.'),
    init: z
      .enum(['default', 'gaussian', 'pissa', 'olora', 'loftq'])
      .optional()
      .describe(
        'First weights of the adapter; default if not given. loftq, for method QLoRA with 4 bits, begins at the error that these make.',
      ),
    modulesToSave: setOf(z.string().min(1).max(256), 0, 16)
      .optional()
      .describe('Modules that are trained whole beside the adapter, such as "lm_head"; none if not given.'),
    bias: z
      .enum(['none', 'all', 'lora_only'])
      .optional()
      .describe('Biases that are trained too: all, or those of layers with an adapter; none if not given.'),
  }),
  {
    cel: `!has(self.targetModules) || self.targetModules.size() == 1 || !('all-linear' in self.targetModules)`,
    message: 'lora.targetModules takes "all-linear" alone or names of layers, not both',
    holds: ({ targetModules = [] }) => isAllLinearAlone(targetModules),
  },
);
