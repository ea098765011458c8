import { z } from 'zod';
import { artifactSchema, digestSchema } from './artifact.ts';
import { evaluateSummarySchema } from './evaluation-result.ts';
import { count, decimal, reason } from './scalars.ts';

/** Kubernetes cuts a termination message after this many bytes. */
export const maxResultBytes = 4096;

export const fetchSummarySchema = z.strictObject({
  /** `main@sha1:<40 hex>` for git, `sha256:<64 hex>` of the content for files */
  revision: z.string().max(256),
  documents: z.strictObject({
    total: count,
    skipped: count,
    byFormat: z.record(z.string(), count),
    bySkipReason: z.record(z.string(), count).default({}),
    redactions: z.strictObject({ secrets: count, personalData: count }).default({ secrets: 0, personalData: 0 }),
    /** pages that failed for a reason that may pass: taken as they were before, or missing */
    unanswered: z.strictObject({ kept: count, missing: count }).default({ kept: 0, missing: 0 }),
    /** the most frequent 16 */
    licences: z.record(z.string(), count).default({}),
  }),
});

export const generateSummarySchema = z.strictObject({
  rows: z.strictObject({
    train: count,
    validation: count,
    test: count,
    recall: count,
    rejected: count,
    byReason: z.record(z.string(), count),
  }),
  usage: z.strictObject({
    requests: count,
    inputTokens: count,
    cachedInputTokens: count,
    outputTokens: count,
    /** by class of the trouble */
    retries: z.record(z.string(), count).default({}),
    cost: decimal.default(null),
  }),
  /** share of usable chunks with at least one accepted row, 0 to 1 */
  coverage: z.number().min(0).max(1),
  acceptRate: z.number().min(0).max(1).default(1),
  duplicateRate: z.number().min(0).max(1).default(0),
  chunks: z.strictObject({ total: count, done: count, usable: count.optional(), failed: count.default(0) }),
  tasks: z.record(z.string(), count).default({}),
  tokens: z.strictObject({ p50: count, p95: count, max: count }).nullable().default(null),
  warnings: z.array(z.string().max(256)).max(8).default([]),
  judgeAgreement: decimal.default(null),
  delta: z.strictObject({ added: count, retired: count, kept: count }).nullable().default(null),
  /** of a run with `preview`: what the whole would need; the artifact is the sample then */
  estimate: z.strictObject({ requests: count, tokens: count, cost: decimal }).nullable().default(null),
});

/** Parts of the way from the start of a trainer's process to the end of its first step, in their order. */
export const startUpPhases = [
  'python',
  'admission',
  'imports',
  'baseModel',
  'data',
  'adapter',
  'rehearsal',
  'validation',
  'firstStep',
] as const;

export const trainSummarySchema = z.strictObject({
  step: count,
  totalSteps: count,
  epoch: z.number(),
  loss: decimal,
  evalLoss: decimal,
  evalRecallLoss: decimal,
  evalUnseenLoss: decimal,
  /** share of the answer tokens of the validation rows that the model would have said itself */
  evalTokenAccuracy: decimal.default(null),
  perplexity: decimal,
  tokensPerSecond: decimal,
  /** seconds by phase; of a run that went on, those of its last process */
  startup: z.partialRecord(z.enum(startUpPhases), z.number().min(0)).default({}),
  trainableParameters: z.strictObject({ count, percent: z.number() }),
  /** reason: why it was chosen where it was not asked for */
  method: z.strictObject({ chosen: z.string().max(32), reason: z.string().max(256).nullable() }),
  /** peak; that of the method where none was given */
  learningRate: z.number(),
  memory: z.strictObject({ device: z.enum(['gpu', 'host']), peakBytes: count, capacityBytes: count.nullable() }),
  /** commit, path or digest that names the base weights exactly */
  baseModelRevision: z.string().max(256),
  /** of the whole run, by the loss on documents that are not trained */
  overfitting: z.strictObject({
    verdict: z.enum(['none', 'suspected', 'confirmed']),
    /** step after which it went wrong */
    step: count.nullable(),
    /** growth of that loss since, as a share of it */
    rise: decimal,
    /** what to change, the cheapest first */
    advice: z.array(z.string().max(128)).max(8),
  }),
  /** each has passed its check; the figures are against the trained model, over answers of 16 rows */
  exports: z
    .array(
      z.strictObject({
        name: z.string().max(32),
        bytes: count,
        /** of the weights in 16 bits */
        sizeRatio: z.number(),
        /** share of equal first choices, 0 to 1 */
        topOne: z.number(),
        /** in nats */
        meanKl: z.number(),
        /** share of the perplexity, below 0 for a fall */
        perplexityRise: z.number(),
      }),
    )
    .max(12)
    .default([]),
  /** in a registry: digests of manifests by the form, such as "adapter"; those of exports have the tag `<tag>-<form>` */
  published: z
    .strictObject({ tag: z.string().max(128), digests: z.record(z.string().max(32), digestSchema) })
    .nullable()
    .default(null),
  checkpoint: z.strictObject({ uri: z.string().max(1024), step: count }).nullable(),
  /** what was given up, in this order, when memory ran out */
  ladder: z
    .array(z.enum(['MicroBatch', 'GradientCheckpointing']))
    .max(16)
    .default([]),
  /** of a run with a good end: what its figures suffer from, and what helps */
  warnings: z
    .array(z.strictObject({ reason, message: z.string().max(256) }))
    .max(8)
    .default([]),
});

/** of the promoter: what the tag names now, and what it named before, if anything */
export const tagSummarySchema = z.strictObject({ digest: digestSchema, former: digestSchema.nullable() });

const outcome = {
  version: z.literal(1),
  /** CamelCase, becomes the reason of a condition */
  reason,
  /** names the field and the remedy where the user can do something */
  message: z.string().max(1024),
  exitCode: z.int().min(0).max(255),
};
const done = { ...outcome, exitCode: z.literal(0) };
const succeeded = { ...done, artifact: artifactSchema };

/** A worker that failed: `summary` stays out, since half a summary would be taken for a whole one. */
export const failureSchema = z.strictObject({
  ...outcome,
  exitCode: z.int().min(1).max(255),
  /** of a training, by its name in the folder of the run: `step-500` */
  lastCheckpoint: z.string().max(64).optional(),
  /** the look at the validation rows with the lowest loss until then */
  best: z.strictObject({ step: count, loss: z.number() }).optional(),
});

export const resultSchemas = {
  'fetch-documents': z.strictObject({ ...succeeded, summary: fetchSummarySchema }),
  'generate-dataset': z.strictObject({ ...succeeded, summary: generateSummarySchema }),
  train: z.strictObject({ ...succeeded, summary: trainSummarySchema }),
  evaluate: z.strictObject({ ...succeeded, summary: evaluateSummarySchema }),
  tag: z.strictObject({ ...done, summary: tagSummarySchema }),
} as const;

export type WorkerName = keyof typeof resultSchemas;
export type Success<W extends WorkerName> = z.infer<(typeof resultSchemas)[W]>;
export type Failure = z.infer<typeof failureSchema>;
export type Result<W extends WorkerName> = Success<W> | Failure;

/** Parse a termination message; undefined when the worker was killed before it could write one. */
export function parseResult<W extends WorkerName>(worker: W, text: string): Result<W> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const failure = failureSchema.safeParse(value);
  if (failure.success) return failure.data;
  const success = resultSchemas[worker].safeParse(value);
  return success.success ? success.data : undefined;
}
