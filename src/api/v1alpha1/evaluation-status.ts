import { z } from 'zod';
import { artifact, digest } from './artifact.ts';
import { sharedStatus } from './conditions.ts';
import { abTestStatus } from './evaluation/ab-test.ts';
import { promotionTagStatus } from './evaluation/promotion-tag.ts';
import { origin, promotionStatus, verdicts } from './evaluation/promotion.ts';
import { benchmarkStatus } from './evaluation/benchmarks.ts';
import { judgeStatus } from './evaluation/judge.ts';
import { peopleStatus } from './evaluation/people.ts';
import { servingStatus } from './evaluation/serving.ts';
import { progressFields, run, trainerStatus } from './run.ts';
import { count, figure } from './scalars.ts';

export const metricNames = [
  'bleu',
  'chrf',
  'chrfPlusPlus',
  'bleu4_char_llamafactory',
  'rougeL',
  'exactMatch',
  'f1',
  'termRecall',
  'refusals',
  'codeParses',
  'inventedSymbols',
  'unended',
  'perplexity',
  'bitsPerByte',
] as const;
/** of a judge too */
export const resultMetricNames = [
  ...metricNames,
  'winRate',
  'graded',
  'accuracy',
  'retention',
  'worstSubject',
] as const;
export const splitNames = ['recall', 'test'] as const;
/** of benchmarks too */
export const resultSplitNames = [...splitNames, 'general'] as const;

const result = z.strictObject({
  metric: z.enum(resultMetricNames).describe('What was measured.'),
  split: z.enum(resultSplitNames).describe('What was asked.'),
  setting: z.string().max(63).describe('Name of the setting.'),
  base: figure().optional().describe('Value of the base model.'),
  tuned: figure().optional().describe('Value of the tuned model.'),
  delta: figure().optional().describe('Tuned minus base; for perplexity and bits per byte the relative change.'),
  ci95: z.array(figure()).max(2).optional().describe('95 % interval of the difference.'),
  samples: count().describe('Questions that were asked.'),
  p: figure().optional().describe('How probable such a difference is without any, corrected for all figures.'),
  verdict: z.enum(['Better', 'Worse', 'Inconclusive']).describe('What interval and p say.'),
});
export type ResultStatus = z.output<typeof result>;

export const evaluationStatus = z.strictObject({
  ...sharedStatus,
  subject: z
    .strictObject({
      adapterDigest: digest().describe('Digest of the adapter.'),
      ...origin,
      datasetDigest: digest().describe('Digest of the rows.'),
    })
    .optional()
    .describe('What the results speak of.'),
  resultsRun: z.string().max(63).optional().describe('Run that gave the results.'),
  adapter: artifact.optional().describe('The adapter that the results speak of.'),
  results: z.array(result).max(36).optional().describe('The figures: metric by split by setting.'),
  candidates: z
    .array(
      z.strictObject({
        name: z.string().max(63).describe('The model, or "base" where baselineRef names another baseline.'),
        results: z.array(result).max(36).describe('Its figures against the same baseline.'),
      }),
    )
    .max(6)
    .optional()
    .describe('Figures of the other models; the gate does not judge them.'),
  incumbent: z
    .strictObject({
      artifact: artifact.describe('That adapter.'),
      compared: count().describe('Figures that could be compared.'),
      worse: z
        .array(result)
        .max(36)
        .describe('What is proven worse than before, the surest first; "base" is the value of that adapter.'),
      more: count().optional().describe('Further figures that are worse, which the report alone has.'),
      problem: z
        .strictObject({
          reason: z.string().max(64).describe('Why, as one word.'),
          message: z.string().max(256).describe('Why, and what to do.'),
        })
        .optional()
        .describe('Why nothing could be compared.'),
    })
    .optional()
    .describe('How the adapter does beside the one that was promoted when it was measured.'),
  notes: z
    .array(z.string().max(64))
    .max(12)
    .optional()
    .describe('What else differs between the models, as one word each; the report says more.'),
  leftOut: z
    .array(z.enum(['benchmarks', 'serving']))
    .max(2)
    .optional()
    .describe('What was measured and had no room in the result of the run, or not all of it; the report has it.'),
  benchmarks: z.array(benchmarkStatus).max(16).optional().describe('Scores in the benchmarks.'),
  serving: z.array(servingStatus).max(8).optional().describe('How fast the server answered.'),
  people: peopleStatus.optional().describe('What people prefer.'),
  judge: judgeStatus.optional().describe('What the judge of the run is worth.'),
  headline: z
    .strictObject({
      recall: z.string().max(32).optional().describe('BLEU of the tuned model on "recall".'),
      delta: z.string().max(32).optional().describe('Tuned minus base of the same.'),
      unseen: z.string().max(32).optional().describe('Relative change of the perplexity on "test".'),
      gate: z
        .enum([...verdicts, 'None'])
        .optional()
        .describe('What the gate says.'),
    })
    .optional()
    .describe('The figures of the first setting that people look at first.'),
  degenerate: z
    .strictObject({
      base: figure().describe('Of the base model.'),
      tuned: figure().describe('Of the tuned model.'),
    })
    .optional()
    .describe(
      'Share of the answers that are none: empty, repetitive, garbage, in another script, marks of the template.',
    ),
  contaminated: z
    .strictObject({
      recall: count().optional().describe('Of "recall".'),
      test: count().optional().describe('Of "test".'),
    })
    .optional()
    .describe('Questions that stand in the trained rows; they are left out of the figures, and apart in the report.'),
  gate: z
    .strictObject({
      passed: z.boolean().describe('Whether all rules hold.'),
      verdict: z
        .enum(verdicts)
        .optional()
        .describe('"Inconclusive" if no rule is broken for sure, but an interval reaches beyond a bound.'),
      failedRules: z.array(z.string().max(256)).max(32).describe('Rules that do not hold, with the figures.'),
    })
    .optional()
    .describe('What the gate says of the results.'),
  ...promotionStatus,
  ...promotionTagStatus,
  abTest: abTestStatus.optional().describe('The latest test under traffic.'),
  report: artifact.optional().describe('The report for people, with all samples.'),
  run: run.optional().describe('The latest run.'),
  trainerStatus: trainerStatus.optional().describe('Last report of the evaluator.'),
  progress: z
    .strictObject({
      ...progressFields,
      itemsDone: count().optional().describe('Answers that are done.'),
      itemsTotal: count().optional().describe('Answers in all.'),
      judgedDone: count().optional().describe('Questions that the judge has answered.'),
      judgedTotal: count().optional().describe('Questions to the judge in all.'),
    })
    .optional()
    .describe('Progress of the run.'),
});
export type EvaluationStatus = z.output<typeof evaluationStatus>;
