import { z } from 'zod';
import { digestSchema } from './artifact.ts';
import { count, decimal, reason } from './scalars.ts';

/** What an evaluation can measure. */
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
/** what a judge and others find out beside them */
export const resultMetricNames = [
  ...metricNames,
  'winRate',
  'graded',
  'accuracy',
  'retention',
  'worstSubject',
] as const;
/** what a result can do without, or without a part of it */
export const leftOutNames = ['benchmarks', 'serving'] as const;
/** so many rows fit a termination message */
export const maxEvaluationResults = 36;

/**
 * One row of the evaluation table, as a list since names would not leave room for it: metric, split, place of the setting in
 * `settings`, base, tuned, delta (in the unit of the metric; for perplexity and bits per byte relative, 0.1 = 10 % worse), both ends of the 95 %
 * interval of delta, samples, p (corrected by Holm for all rows), verdict.
 */
export const evaluationResultSchema = z.tuple([
  z.enum(resultMetricNames),
  z.enum(['recall', 'test', 'general']),
  z.int().min(0).max(2),
  decimal,
  decimal,
  decimal,
  decimal,
  decimal,
  count,
  decimal,
  z.enum(['Better', 'Worse', 'Inconclusive']),
]);
export type EvaluationResult = z.infer<typeof evaluationResultSchema>;

export const evaluateSummarySchema = z.strictObject({
  /** names of the settings */
  settings: z.array(z.string().max(63)).max(3),
  results: z.array(evaluationResultSchema).max(maxEvaluationResults),
  /** of the other models against the same baseline */
  candidates: z
    .array(
      z.strictObject({ name: z.string().max(63), results: z.array(evaluationResultSchema).max(maxEvaluationResults) }),
    )
    .max(6)
    .default([]),
  /** against the promoted adapter, whose figures stand where those of the base do */
  incumbent: z
    .strictObject({
      compared: count,
      /** what the tuned model is proven to do worse, the surest first; `more` of them had no room */
      worse: z.array(evaluationResultSchema).max(maxEvaluationResults),
      more: count,
      /** why nothing could be compared */
      problem: z
        .strictObject({ reason, message: z.string().max(256) })
        .nullable()
        .default(null),
    })
    .nullable()
    .default(null),
  judge: z
    .strictObject({
      asked: count,
      questions: count,
      unreadable: count,
      positionBias: decimal,
      lengthControlled: decimal,
      learned: count.nullable(),
      forgotten: count.nullable(),
      kappa: decimal,
      cost: z.number(),
      isPartial: z.boolean(),
      /** why it has answered some of its questions alone */
      stopped: z
        .strictObject({ reason, message: z.string().max(256) })
        .nullable()
        .default(null),
    })
    .nullable()
    .default(null),
  /** of the tuned model; null for shares and perplexities, where nothing is right or wrong */
  benchmarks: z
    .array(
      z.strictObject({
        name: z.string().max(63),
        metric: z.string().max(63).optional(),
        /** null where the model gave no finite number */
        base: z.number().nullable(),
        tuned: z.number().nullable(),
        items: count,
        lost: count.nullable(),
        gained: count.nullable(),
      }),
    )
    .max(16)
    .default([]),
  /** times in milliseconds; what was not measured is left out, as rows must stay short */
  serving: z
    .array(
      z.strictObject({
        model: z.enum(['base', 'tuned']),
        concurrency: count,
        requests: count,
        ttftP50: z.number(),
        ttftP90: z.number(),
        ttftP99: z.number(),
        tokenP50: z.number(),
        tokenP99: z.number(),
        tokensPerSecond: z.number(),
        requestsPerSecond: z.number(),
        failed: count.optional(),
        costPerThousand: z.number().optional(),
        modelBytes: count.optional(),
        peakMemoryBytes: count.optional(),
        peakGpuMemoryBytes: count.optional(),
      }),
    )
    .max(8)
    .default([]),
  /** in percent of the decided pairs, with Wilson's interval */
  people: z
    .strictObject({
      items: count,
      raters: count,
      wins: count,
      ties: count,
      losses: count,
      winRate: decimal,
      low: decimal,
      high: decimal,
      kappa: decimal,
    })
    .nullable()
    .default(null),
  /** what the message had no room for; the report has it */
  leftOut: z.array(z.enum(leftOutNames)).max(leftOutNames.length).default([]),
  /** what else differs between the models, and what the figures suffer from */
  notes: z.array(reason).max(12).default([]),
  /** share of answers that are none (empty, repetitive, garbage, ...), 0 to 1; null when none was written */
  degenerate: z.strictObject({ base: z.number().min(0).max(1), tuned: z.number().min(0).max(1) }).nullable(),
  /** questions by split that stand in the trained rows; they are scored apart, in the report */
  contaminated: z.record(z.string(), count),
  report: z.strictObject({ uri: z.string().max(1024), digest: digestSchema }).nullable(),
});
