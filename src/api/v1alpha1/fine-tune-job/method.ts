import { z } from 'zod';

export const method = z.enum(['Auto', 'LoRA', 'QLoRA', 'DoRA', 'AdaLoRA', 'IA3', 'PromptTuning', 'Freeze', 'Full']);

export const quantization = z.strictObject({
  bits: z
    .int()
    .min(4)
    .max(8)
    .multipleOf(4)
    .optional()
    .describe('Bits of a weight of the base model: 4 (nf4) or 8; 4 if not given.'),
  doubleQuant: z
    .boolean()
    .optional()
    .describe('Quantise the scales of 4-bit weights once more, which saves 0.4 bits a weight; true if not given.'),
});

export const adaLoRA = z.strictObject({
  initialRank: z
    .int()
    .min(2)
    .max(1536)
    .optional()
    .describe(
      'Rank at the start, from which ranks are taken until they average lora.rank; half as much again if not given.',
    ),
});

export const promptTuning = z.strictObject({
  virtualTokens: z
    .int()
    .min(1)
    .max(1024)
    .optional()
    .describe('Trained vectors in front of each prompt; 20 if not given.'),
});

export const freeze = z.strictObject({
  layers: z
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe('Layers at the bottom that are not trained; half of them if not given.'),
  embeddings: z.boolean().optional().describe('Leave the embeddings as they are too; true if not given.'),
  unfreezeEverySteps: z
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .describe('Unfreeze one more layer each so many steps, from the top to the bottom; never if not given.'),
});
