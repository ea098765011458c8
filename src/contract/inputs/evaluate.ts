import { z } from 'zod';
import { artifactInputSchema } from '../artifact.ts';
import { metricNames } from '../evaluation-result.ts';
import { baseModelSchema } from './base-model.ts';
import { endpointInputSchema } from './generate.ts';
import { run, version } from './run.ts';

/** What a FineTuneJob made, and from what. */
const model = { adapter: artifactInputSchema, dataset: artifactInputSchema, baseModel: baseModelSchema };

const candidate = z.strictObject({
  name: z.string(),
  ...model,
  /** `uri` is the folder with the checkpoints of the run that made the adapter; `step` is "best", "last" or a number */
  checkpoint: z.strictObject({ uri: z.string(), step: z.string() }).nullable().default(null),
  /** such as `merged` or `gguf-q4_0` */
  export: z.string().nullable().default(null),
});

const servingMeasures = {
  concurrency: z.array(z.int().min(1)).min(1),
  requests: z.int().min(1),
  /** of the machine that serves */
  pricePerHour: z.number().positive().nullable().default(null),
};

/** A server that answers already, where `baseModel` is what it calls the base; or one that the evaluator starts itself. */
const serving = z.union([
  z.strictObject({
    endpoint: endpointInputSchema,
    baseModel: z.string().nullable().default(null),
    ...servingMeasures,
  }),
  z.strictObject({
    local: z.strictObject({ maxTokens: z.int().min(1), startTimeoutSeconds: z.number().positive() }),
    ...servingMeasures,
  }),
]);

export const evaluateInputSchema = z.strictObject({
  version,
  run,
  dataset: artifactInputSchema,
  adapter: artifactInputSchema,
  baseModel: baseModelSchema,
  /** stands in the place of the base model, which is one more candidate then */
  baseline: z.strictObject(model).nullable().default(null),
  candidates: z.array(candidate).max(4).default([]),
  /** the promoted adapter, which the tuned model would take the place of: it is compared with that, too */
  incumbent: artifactInputSchema.nullable().default(null),
  judge: z
    .strictObject({
      endpoint: endpointInputSchema,
      asks: z.array(z.enum(['Pairwise', 'Graded'])).min(1),
      /** odd */
      votes: z.int().min(1),
      /** folder with `labels.jsonl` */
      calibration: z.string().nullable().default(null),
      maxCost: z.number().nullable().default(null),
      /** of the Job, which `job` tells apart from others of the same run; null: nobody makes another one */
      attempts: z
        .strictObject({ job: z.string(), most: z.int().min(1) })
        .nullable()
        .default(null),
    })
    .nullable()
    .default(null),
  /** folders with tasks of lm-eval, or with programming tasks */
  benchmarks: z
    .array(
      z.strictObject({
        name: z.string(),
        path: z.string(),
        maxItems: z.int().min(1),
        chatTemplate: z.boolean(),
        /** what its files must have */
        digest: z.string().nullable().default(null),
      }),
    )
    .default([]),
  serving: serving.nullable().default(null),
  /** a sheet of so many pairs for people; `verdicts`: folder with `verdicts.csv` */
  people: z
    .strictObject({ sample: z.int().min(1), verdicts: z.string().nullable() })
    .nullable()
    .default(null),
  /** fields of a FineTuneJob's input in which the trainings may differ */
  experiment: z
    .strictObject({ variables: z.array(z.string()).min(1) })
    .nullable()
    .default(null),
  splits: z.array(z.enum(['recall', 'test'])).min(1),
  settings: z
    .array(
      z.strictObject({
        name: z.string(),
        maxInputTokens: z.int(),
        maxNewTokens: z.int(),
        context: z.enum(['ClosedBook', 'WithDocument']).default('ClosedBook'),
      }),
    )
    .min(1),
  metrics: z.array(z.enum(metricNames)).min(1),
  /** rows a split at the most, drawn with the seed */
  maxSamples: z.int(),
  batchSize: z.int(),
  bootstrapSamples: z.int(),
  seed: z.int(),
});
export type EvaluateInput = z.infer<typeof evaluateInputSchema>;
