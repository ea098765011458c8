import { z } from 'zod';
import { atMostOneOf, withRules } from '../rules.ts';
import { decimal } from '../scalars.ts';

const stage = withRules(
  z.strictObject({
    name: z
      .string()
      .max(63)
      .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
      .optional()
      .describe('Name of the stage in logs and results; its number if not given.'),
    type: z
      .enum(['Pretrain', 'Sft'])
      .describe('"Pretrain": the text of the documents, every token trained; "Sft": the rows, answers trained.'),
    maxLength: z
      .int()
      .min(16)
      .max(1_048_576)
      .optional()
      .describe('Tokens of a row at the most; training.maxLength if not given.'),
    learningRate: decimal('stages.learningRate', { above: 0, max: 1 })
      .optional()
      .describe('Peak learning rate; 1e-5 for "Pretrain" and training.learningRate for "Sft" if not given.'),
    epochs: decimal('stages.epochs', { above: 0, max: 1000 })
      .optional()
      .describe('Passes over the rows; training.epochs if not given.'),
    maxSteps: z.int().min(1).max(10_000_000).optional().describe('Steps, in place of epochs.'),
    domainWeight: decimal('stages.domainWeight', { above: 0, max: 1 })
      .optional()
      .describe('As training.domainWeight, which it is if not given; for "Sft" alone.'),
    unfreeze: z
      .int()
      .min(1)
      .max(1000)
      .optional()
      .describe('Layers that method Freeze unfreezes when the stage begins, from the top; none if not given.'),
  }),
  atMostOneOf('stages', 'epochs', 'maxSteps'),
  {
    cel: `self.type == 'Sft' || !has(self.domainWeight)`,
    message: 'stages.domainWeight is for stages of type "Sft": a stage "Pretrain" has documents alone',
    holds: ({ type, domainWeight }) => type === 'Sft' || domainWeight === undefined,
  },
);

export const stages = z.array(stage).max(8);
