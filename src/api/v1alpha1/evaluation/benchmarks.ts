import { z } from 'zod';
import { claimRef, editedConfigMap, nameRef } from '../references.ts';
import { exactlyOneOf, withRules } from '../rules.ts';
import { digest } from '../artifact.ts';
import { modelName } from './candidates.ts';

export const maxBenchmarks = 8;

export const benchmark = withRules(
  z.strictObject({
    name: modelName().describe('Name in the report.'),
    claimRef: claimRef('benchmarks.claimRef', 'the benchmark').optional().describe('A claim with its files.'),
    configMapRef: nameRef('a ConfigMap whose keys are the files')
      .optional()
      .describe(`A small benchmark; ${editedConfigMap}.`),
    digest: digest()
      .optional()
      .describe('What the files must have, as the report of an earlier evaluation tells it; any files if not given.'),
    maxItems: z.int().min(1).max(100_000).default(400).describe('Items at the most, of each subject its share.'),
    chatTemplate: z
      .boolean()
      .default(false)
      .describe(
        'Whether questions are put as a chat, in the template of the model. Published figures are mostly of plain text.',
      ),
  }),
  exactlyOneOf('benchmarks', 'claimRef', 'configMapRef'),
);

export const benchmarkStatus = z.strictObject({
  name: z.string().max(63).describe('The benchmark.'),
  metric: z.string().max(63).optional().describe('What was counted, such as "acc"; of programs "passes" and "parses".'),
  base: z
    .string()
    .max(32)
    .optional()
    .describe('Score of the baseline in percent; of running text the perplexity of words.'),
  tuned: z.string().max(32).optional().describe('The same of the tuned model.'),
  items: z.int().min(0).describe('Items that were asked.'),
  lost: z.int().min(0).optional().describe('Items that were right and are not any more.'),
  gained: z.int().min(0).optional().describe('Items that were not right and are now.'),
});
