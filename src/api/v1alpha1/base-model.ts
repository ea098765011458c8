import { z } from 'zod';
import { claimRef, secretKeyRef } from './references.ts';
import { exactlyOneOf, withRules } from './rules.ts';

export const baseModel = withRules(
  z.strictObject({
    builtIn: z
      .enum(['smollm2-135m', 'tiny'])
      .optional()
      .describe('A model inside the trainer image: a real small one, or "tiny" for tests of the machinery.'),
    huggingFace: z
      .strictObject({
        repo: z
          .string()
          .max(192)
          .regex(/^[A-Za-z0-9][-A-Za-z0-9._]*\/[A-Za-z0-9][-A-Za-z0-9._]*$/)
          .describe('Owner and name, such as "HuggingFaceTB/SmolLM2-135M-Instruct".'),
        revision: z
          .string()
          .min(1)
          .max(128)
          .regex(/^[A-Za-z0-9][-A-Za-z0-9._/]*$/)
          .default('main')
          .describe('Commit, tag or branch; a commit keeps the run repeatable.'),
        secretRef: secretKeyRef('the access token', 'token')
          .optional()
          .describe('Access token of a gated or private model. The operator never reads it.'),
      })
      .optional()
      .describe('A model of the Hugging Face hub.'),
    claimRef: claimRef('baseModel.claimRef', 'the model').optional().describe('A model on a PersistentVolumeClaim.'),
    acceptLicense: z
      .boolean()
      .optional()
      .describe(
        'Agree to the terms of a model that is for research only, or whose licence asks for it; false if not given.',
      ),
  }),
  exactlyOneOf('baseModel', 'builtIn', 'huggingFace', 'claimRef'),
);
export type BaseModel = z.output<typeof baseModel>;
