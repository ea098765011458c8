import { z } from 'zod';
import { artifactInputSchema } from './artifact.ts';

/** Names the run in logs, reports and paths. `id` is the hash of the inputs and names the folder of a run in the store. */
const run = z.strictObject({ namespace: z.string(), name: z.string(), id: z.string().regex(/^[0-9a-f]{8,64}$/) });
const version = z.literal(1);

const gitRef = z.strictObject({ branch: z.string(), tag: z.string(), commit: z.string() }).partial();

export const fetchInputSchema = z.strictObject({
  version,
  run,
  source: z.union([
    z.strictObject({
      git: z.strictObject({
        url: z.string(),
        ref: gitRef,
        include: z.array(z.string()),
        exclude: z.array(z.string()),
        /** folder with the files `username` and `password`, mounted from the Secret */
        credentials: z.string().optional(),
      }),
    }),
    /** a mounted ConfigMap or claim */
    z.strictObject({
      files: z.strictObject({ path: z.string(), include: z.array(z.string()), exclude: z.array(z.string()) }),
    }),
  ]),
  limits: z.strictObject({
    maxDocumentBytes: z.int().min(1),
    maxTotalBytes: z.int().min(1),
    maxDocuments: z.int().min(1),
  }),
});
export type FetchInput = z.infer<typeof fetchInputSchema>;

export const openaiInputSchema = z.strictObject({
  baseURL: z.string(),
  model: z.string(),
  /** file with the key, mounted from the Secret; none for endpoints without authentication */
  apiKeyFile: z.string().optional(),
  temperature: z.number(),
  maxTokens: z.int(),
  concurrency: z.int(),
  timeoutSeconds: z.int(),
});

export const generateInputSchema = z.strictObject({
  version,
  run,
  sources: z.array(z.strictObject({ name: z.string(), artifact: artifactInputSchema })).min(1),
  generator: z.union([
    z.strictObject({ extractive: z.strictObject({}) }),
    z.strictObject({ openai: openaiInputSchema }),
  ]),
  chunking: z.strictObject({ targetTokens: z.int(), maxTokens: z.int() }),
  rows: z.strictObject({ max: z.int(), perChunk: z.int(), wordings: z.int() }),
  split: z.strictObject({
    train: z.number(),
    validation: z.number(),
    test: z.number(),
    /** share of the trained facts with one wording held back */
    recall: z.number(),
    seed: z.int(),
    groupBy: z.enum(['Document', 'Section']),
  }),
  gates: z.strictObject({ minRows: z.int() }),
  budget: z.strictObject({ maxTokens: z.int().nullable() }),
});
export type GenerateInput = z.infer<typeof generateInputSchema>;

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
