import { z } from 'zod';
import { artifactInputSchema } from './artifact.ts';
import { fetchInputSchema } from './inputs/fetch.ts';
import { generateInputSchema } from './inputs/generate.ts';
import { run, version } from './inputs/run.ts';

export { fetchInputSchema, type FetchInput } from './inputs/fetch.ts';
export { generateInputSchema, type EndpointInput, type GenerateInput } from './inputs/generate.ts';

/** Exactly one key: a model inside the trainer image, one of a hub, or a folder on a mounted claim. */
export const baseModelSchema = z.union([
  z.strictObject({ builtIn: z.enum(['smollm2-135m', 'tiny']) }),
  z.strictObject({
    huggingFace: z.strictObject({ repo: z.string(), revision: z.string(), tokenFile: z.string().optional() }),
  }),
  z.strictObject({ path: z.string() }),
]);

export const trainInputSchema = z.strictObject({
  version,
  run,
  dataset: artifactInputSchema,
  baseModel: baseModelSchema,
  lora: z.strictObject({
    rank: z.int(),
    alpha: z.int(),
    dropout: z.number(),
    /** module names, or the one name `all-linear` */
    targetModules: z.array(z.string()).min(1),
    rsLoRA: z.boolean(),
  }),
  training: z.strictObject({
    epochs: z.number(),
    /** null: as many as the epochs give */
    maxSteps: z.int().nullable(),
    perDeviceBatchSize: z.int(),
    gradientAccumulationSteps: z.int(),
    learningRate: z.number(),
    scheduler: z.enum(['cosine', 'linear', 'constant', 'constant_with_warmup']),
    /** share of all steps, 0 to 1 */
    warmup: z.number(),
    weightDecay: z.number(),
    maxGradNorm: z.number(),
    maxLength: z.int(),
    /** auto: bf16 where the device has it, else fp16 on a GPU, else fp32 */
    precision: z.enum(['auto', 'bf16', 'fp16', 'fp32']),
    gradientCheckpointing: z.boolean(),
    seed: z.int(),
    loggingSteps: z.int(),
    /** null: at least ten evaluations a run */
    evalSteps: z.int().nullable(),
  }),
  earlyStopping: z.strictObject({ patience: z.int(), minDelta: z.number() }).nullable(),
  /** everySteps null: every tenth of the run */
  checkpoint: z.strictObject({ everySteps: z.int().nullable(), keep: z.int() }),
});
export type TrainInput = z.infer<typeof trainInputSchema>;

export const evaluateInputSchema = z.strictObject({
  version,
  run,
  dataset: artifactInputSchema,
  adapter: artifactInputSchema,
  baseModel: baseModelSchema,
  splits: z.array(z.enum(['recall', 'test'])).min(1),
  settings: z.array(z.strictObject({ name: z.string(), maxInputTokens: z.int(), maxNewTokens: z.int() })).min(1),
  metrics: z.array(z.enum(['bleu', 'chrf', 'perplexity'])).min(1),
  /** rows a split at the most, drawn with the seed */
  maxSamples: z.int(),
  batchSize: z.int(),
  bootstrapSamples: z.int(),
  seed: z.int(),
});
export type EvaluateInput = z.infer<typeof evaluateInputSchema>;

export const inputSchemas = {
  'fetch-documents': fetchInputSchema,
  'generate-dataset': generateInputSchema,
  train: trainInputSchema,
  evaluate: evaluateInputSchema,
} as const;
