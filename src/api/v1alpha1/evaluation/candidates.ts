import { z } from 'zod';
import { nameRef } from '../references.ts';
import { atMostOneOf, withRules } from '../rules.ts';

/** Names of the models that every evaluation has. */
const taken = ['base', 'tuned', 'baseline'];

export const modelName = () =>
  z
    .string()
    .min(1)
    .max(32)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);

export const candidate = withRules(
  z.strictObject({
    name: modelName().describe('Name in the results.'),
    jobRef: nameRef('the FineTuneJob').optional().describe('Whose model it is; that of spec.jobRef if not given.'),
    checkpoint: z
      .string()
      .max(16)
      .regex(/^(Best|Last|[1-9][0-9]*)$/)
      .optional()
      .describe('"Last", "Best" (the published weights), or the step of a checkpoint that is still there.'),
    export: z
      .string()
      .max(32)
      .regex(/^(merged|gguf-(f16|[qQ][0-9]_[0-9a-z_]+)|onnx|torchscript)$/)
      .optional()
      .describe('An export of the job, such as "merged" or "gguf-q4_0"; ONNX and TorchScript have no engine here.'),
  }),
  atMostOneOf('candidates', 'checkpoint', 'export'),
  {
    cel: `!(self.name in [${taken.map((name) => `'${name}'`).join(', ')}])`,
    message:
      'candidates: "base", "tuned" and "baseline" are names of models that are always there: choose another name',
    holds: ({ name }) => !taken.includes(name),
  },
);
export type Candidate = z.output<typeof candidate>;
