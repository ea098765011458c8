import { z } from 'zod';
import { artifactInputSchema } from './artifact.ts';
import { fetchInputSchema } from './inputs/fetch.ts';
import { generateInputSchema } from './inputs/generate.ts';
import { baseModelSchema } from './inputs/base-model.ts';
import { run, version } from './inputs/run.ts';
import { trainInputSchema } from './inputs/train.ts';
import { metricNames } from './result.ts';

export { fetchInputSchema, type FetchInput } from './inputs/fetch.ts';
export { baseModelSchema } from './inputs/base-model.ts';
export { generateInputSchema, type EndpointInput, type GenerateInput } from './inputs/generate.ts';
export { trainInputSchema, type TrainInput, type TrainParameters } from './inputs/train.ts';

export const evaluateInputSchema = z.strictObject({
  version,
  run,
  dataset: artifactInputSchema,
  adapter: artifactInputSchema,
  baseModel: baseModelSchema,
  splits: z.array(z.enum(['recall', 'test'])).min(1),
  settings: z.array(z.strictObject({ name: z.string(), maxInputTokens: z.int(), maxNewTokens: z.int() })).min(1),
  metrics: z.array(z.enum(metricNames)).min(1),
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
