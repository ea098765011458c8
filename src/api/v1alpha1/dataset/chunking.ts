import { z } from 'zod';
import { claimRef } from '../references.ts';
import { atMostOneOf, withRules } from '../rules.ts';

const tokenizer = withRules(
  z.strictObject({
    builtIn: z.enum(['smollm2-135m']).optional().describe('Tokenizer of a built-in model.'),
    claimRef: claimRef('chunking.tokenizer.claimRef', 'the model with its "tokenizer.json"')
      .optional()
      .describe('Tokenizer of a model on a PersistentVolumeClaim.'),
  }),
  atMostOneOf('chunking.tokenizer', 'builtIn', 'claimRef'),
);

export const chunking = withRules(
  z.strictObject({
    targetTokens: z.int().min(32).max(32768).default(512).describe('Size that a chunk of a document should have.'),
    maxTokens: z.int().min(32).max(32768).default(1024).describe('Size that no chunk exceeds if it can be cut.'),
    minTokens: z.int().min(0).max(4096).default(64).describe('Smaller chunks are joined with a neighbour.'),
    overlapSentences: z
      .int()
      .min(0)
      .max(8)
      .default(0)
      .describe('Sentences before a chunk that a model is shown with it. Evidence comes from the chunk alone.'),
    tokenizer: tokenizer
      .optional()
      .describe('What counts tokens; an estimate by script if not given. Name the tokenizer of the model to tune.'),
    changelogs: z.enum(['Keep', 'Skip']).default('Skip').describe('Whether change logs and release notes become rows.'),
  }),
  {
    cel: 'self.targetTokens <= self.maxTokens',
    message: 'chunking.targetTokens must not exceed chunking.maxTokens',
    holds: ({ targetTokens, maxTokens }) => targetTokens <= maxTokens,
  },
  {
    cel: 'self.minTokens <= self.targetTokens',
    message: 'chunking.minTokens must not exceed chunking.targetTokens',
    holds: ({ minTokens, targetTokens }) => minTokens <= targetTokens,
  },
);
