import { fetchInputSchema } from './inputs/fetch.ts';
import { generateInputSchema } from './inputs/generate.ts';
import { evaluateInputSchema } from './inputs/evaluate.ts';
import { tagInputSchema } from './inputs/tag.ts';
import { trainInputSchema } from './inputs/train.ts';

export { evaluateInputSchema, type EvaluateInput } from './inputs/evaluate.ts';
export { fetchInputSchema, type FetchInput } from './inputs/fetch.ts';
export { baseModelSchema } from './inputs/base-model.ts';
export { generateInputSchema, type EndpointInput, type GenerateInput } from './inputs/generate.ts';
export { tagInputSchema, type TagInput } from './inputs/tag.ts';
export { trainInputSchema, type TrainInput, type TrainParameters } from './inputs/train.ts';

export const inputSchemas = {
  'fetch-documents': fetchInputSchema,
  'generate-dataset': generateInputSchema,
  train: trainInputSchema,
  evaluate: evaluateInputSchema,
  tag: tagInputSchema,
} as const;
