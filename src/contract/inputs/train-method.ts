import { z } from 'zod';

export const loraSchema = z.strictObject({
  rank: z.int(),
  alpha: z.int(),
  dropout: z.number(),
  /** module names, or the one name `all-linear` */
  targetModules: z.array(z.string()).min(1),
  rsLoRA: z.boolean(),
  /** so many layers at the end of the model have an adapter; null: all */
  lastLayers: z.int().nullable(),
  skipLayers: z.int(),
  /** learning rate of B over that of A; null: the same */
  plusRatio: z.number().nullable(),
  init: z.enum(['default', 'gaussian', 'pissa', 'olora', 'loftq']),
  /** modules beside the adapter that are trained whole */
  modulesToSave: z.array(z.string()),
  bias: z.enum(['none', 'all', 'lora_only']),
});

/** How the weights of a model are trained. A group that the method has no use for is not looked at. */
export const methodSchemas = {
  method: z.enum(['Auto', 'LoRA', 'QLoRA', 'DoRA', 'AdaLoRA', 'IA3', 'PromptTuning', 'Freeze', 'Full']),
  lora: loraSchema,
  /** null: not asked for; QLoRA takes 4 bits with double quantisation then */
  quantization: z.strictObject({ bits: z.union([z.literal(4), z.literal(8)]), doubleQuant: z.boolean() }).nullable(),
  /** initialRank null: half as much again as the rank */
  adaLoRA: z.strictObject({ initialRank: z.int().nullable() }),
  promptTuning: z.strictObject({ virtualTokens: z.int() }),
  /** layers null: half of them; unfreezeEverySteps null: never */
  freeze: z.strictObject({
    layers: z.int().nullable(),
    embeddings: z.boolean(),
    unfreezeEverySteps: z.int().nullable(),
  }),
};
