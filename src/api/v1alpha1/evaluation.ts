import { z } from 'zod';
import { benchmark, maxBenchmarks } from './evaluation/benchmarks.ts';
import { candidate } from './evaluation/candidates.ts';
import { experiment } from './evaluation/experiment.ts';
import { fitsResult } from './evaluation/figures.ts';
import { judge } from './evaluation/judge.ts';
import { people } from './evaluation/people.ts';
import { promotion } from './evaluation/promotion-tag.ts';
import { serving } from './evaluation/serving.ts';
import { computeResources } from './compute-resources.ts';
import { abTest } from './evaluation/ab-test.ts';
import { evaluationStatus, metricNames, resultMetricNames, resultSplitNames, splitNames } from './evaluation-status.ts';
import type { EvaluationStatus } from './evaluation-status.ts';
import type { Kind, Resource } from './kind.ts';
import { nameRef } from './references.ts';
import { exactlyOneOf, withRules } from './rules.ts';
import { decimal, listByKey, setOf } from './scalars.ts';

const settingName = () =>
  z
    .string()
    .min(1)
    .max(63)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);

const setting = z.strictObject({
  name: settingName().describe('Name of the setting in the results.'),
  maxInputTokens: z.int().min(16).max(1_048_576).default(1024).describe('Tokens of a question at the most.'),
  maxNewTokens: z.int().min(1).max(131_072).default(128).describe('Tokens of an answer at the most.'),
  context: z
    .enum(['ClosedBook', 'WithDocument'])
    .default('ClosedBook')
    .describe('Whether the models are shown the passages of the documents that the answer stands in.'),
});

// unlike the decimals of other specs these may be negative: a rule may allow a loss
const threshold = () =>
  z
    .string()
    .max(16)
    .regex(/^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$/);

const rule = withRules(
  z.strictObject({
    metric: z.enum(resultMetricNames).describe('Metric that is judged.'),
    split: z.enum(resultSplitNames).describe('Split that is judged; "general" are the benchmarks.'),
    setting: settingName().optional().describe('Setting that is judged; every setting if not given.'),
    min: threshold().optional().describe('Least value of the tuned model.'),
    max: threshold()
      .optional()
      .describe('Greatest value of the tuned model, for metrics that are better when low, such as "unended".'),
    minDelta: threshold()
      .optional()
      .describe(
        'Least difference of tuned minus base; for perplexity the relative change, so "-0.1" asks for 10 % less.',
      ),
    maxDelta: threshold()
      .optional()
      .describe(
        'Greatest difference of tuned minus base; for perplexity the relative change, so "0.1" allows 10 % more.',
      ),
    requireSignificant: z
      .boolean()
      .default(false)
      .describe(
        'Ask that the whole 95 % interval of the difference keeps the bound, and that p proves it, not only the difference itself.',
      ),
  }),
  exactlyOneOf('gate.rules', 'min', 'max', 'minDelta', 'maxDelta'),
  {
    cel: '!(self.requireSignificant && (has(self.min) || has(self.max)))',
    message: 'gate.rules: requireSignificant needs minDelta or maxDelta, since the interval is one of the difference',
    holds: ({ requireSignificant, min, max }) => !(requireSignificant && (min !== undefined || max !== undefined)),
  },
);
export type GateRule = z.output<typeof rule>;

const gate = z.strictObject({
  rules: z
    .array(rule)
    .min(1)
    .max(32)
    .describe('Rules that must all hold. A change judges the same results again, without a run.'),
  notWorseThanPromoted: z
    .boolean()
    .default(true)
    .describe(
      'Ask the promoted adapter the same questions, and keep back one that is proven to be worse in what the rules ask; what a rule allows to be lost against the base, it allows here too.',
    ),
});

const spec = withRules(
  z.strictObject({
    suspend: z.boolean().default(false).describe('Stop a run under way and start no other; the results stay.'),
    jobRef: nameRef('the FineTuneJob').describe('The FineTuneJob whose adapter is compared with its own base model.'),
    baselineRef: nameRef('a FineTuneJob')
      .optional()
      .describe('A FineTuneJob whose model stands in the place of the base model; that is then one more candidate.'),
    candidates: listByKey(candidate, 'name', 0, 4)
      .default([])
      .describe('Further models that are asked the same: of other jobs, checkpoints, exports.'),
    dataset: z
      .strictObject({
        splits: setOf(z.enum(splitNames), 1, 2)
          .default(['recall', 'test'])
          .describe('"recall" asks trained facts in other words, "test" asks about documents that were not trained.'),
      })
      .prefault({})
      .describe('What is asked: rows of the dataset that the adapter was trained on.'),
    settings: listByKey(setting, 'name', 1, 3)
      .default([{ name: 'default', maxInputTokens: 1024, maxNewTokens: 128, context: 'ClosedBook' }])
      .describe('Lengths to compare; each is measured on its own.'),
    metrics: setOf(z.enum(metricNames), 1, metricNames.length)
      .default(['bleu', 'chrf', 'termRecall', 'perplexity'])
      .describe('What is measured; docs/kinds/evaluation.md says what each is.'),
    maxSamples: z.int().min(1).max(100_000).default(64).describe('Rows of a split at the most, drawn with the seed.'),
    batchSize: z
      .int()
      .min(1)
      .max(1024)
      .default(32)
      .describe('Rows answered at a time; it does not change the results.'),
    seed: z.int().min(0).max(4294967295).default(42).describe('Seed of every draw.'),
    bootstrapSamples: z.int().min(1000).max(1_000_000).default(10_000).describe('Resamples behind each 95 % interval.'),
    benchmarks: listByKey(benchmark, 'name', 0, maxBenchmarks)
      .default([])
      .describe(
        'Tasks that have nothing to do with the documents, by lm-eval: what was kept of what the base could do.',
      ),
    experiment: experiment
      .optional()
      .describe('Report the trainings as an experiment, and tell what else differs between them.'),
    serving: serving.optional().describe('Measure how fast a server answers.'),
    people: people.optional().describe('Let people compare answers without knowing which model gave them.'),
    judge: judge.optional().describe('Let a model judge the answers of the first setting.'),
    maxDegenerate: decimal('maxDegenerate', { min: 0, max: 1 })
      .default('0.2')
      .describe('Share of degenerate answers of the tuned model above which no gate lets it pass.'),
    gate: gate.optional().describe('What the adapter must reach to be promoted; without a gate every adapter is.'),
    abTest: abTest
      .optional()
      .describe('Test an adapter that passed against the promoted one under real traffic, before it is promoted.'),
    promotion: promotion
      .optional()
      .describe('Tell others of the promoted adapter, beside the ConfigMap that is always there.'),
    historyLimit: z
      .int()
      .min(1)
      .max(50)
      .default(12)
      .describe('Runs that status.history lists; the promoted one and the one to go back to are among them.'),
    resources: computeResources,
    backoffLimit: z.int().min(0).max(20).default(3).describe('Failed pods of a run after which it has failed.'),
  }),
  fitsResult,
);
export type EvaluationSpec = z.output<typeof spec>;
export type Evaluation = Resource<EvaluationSpec, EvaluationStatus>;

const column = (name: string, field: string, description: string) =>
  ({ name, type: 'string', jsonPath: `.status.headline.${field}`, description }) as const;

export const evaluation = {
  kind: 'Evaluation',
  plural: 'evaluations',
  singular: 'evaluation',
  shortName: 'eval',
  description: 'Base model against tuned model on the same questions, with intervals, and a gate that promotes.',
  spec,
  status: evaluationStatus,
  columns: [
    { name: 'JOB', type: 'string', jsonPath: '.spec.jobRef.name', description: 'The FineTuneJob.' },
    column('RECALL', 'recall', 'BLEU of the tuned model on trained facts in other words.'),
    column('DELTA', 'delta', 'Tuned minus base of the same.'),
    column('UNSEEN', 'unseen', 'Relative change of the perplexity on documents that were not trained.'),
    column('GATE', 'gate', 'Whether the gate let the adapter pass.'),
    {
      name: 'PROMOTED',
      type: 'string',
      jsonPath: '.status.promoted.artifact.revision',
      description: 'The adapter that is promoted.',
    },
    { name: 'SINCE', type: 'date', jsonPath: '.status.promoted.since', description: 'Since when it is.' },
  ],
  conditions: [
    {
      type: 'GatePassed',
      meaning: 'whether the results of the current adapter keep all rules of the gate; Unknown if inconclusive',
    },
    {
      type: 'ABTestRunning',
      meaning: 'an adapter that passed is tested under traffic; Unknown while that cannot go on',
    },
    {
      type: 'Tagged',
      meaning: 'whether the tag of spec.promotion.oci names the promoted adapter; Unknown while it is being moved',
    },
    { type: 'RolledBack', meaning: 'somebody went back to an earlier adapter, which stays until a newer one passes' },
    {
      type: 'RollbackRefused',
      meaning: 'the annotation asks for a rollback that cannot be; the message has the remedy',
    },
    {
      type: 'NotCompared',
      meaning: 'the adapter could not be compared with the one that was promoted, so the rules alone have decided',
    },
    { type: 'Degenerate', meaning: 'too many answers of the tuned model are empty, repetitive or garbage' },
    { type: 'Contaminated', meaning: 'questions stand in the trained rows; they are left out of the figures' },
    {
      type: 'Partial',
      meaning:
        'the judge has answered some of its questions alone; the reason says what ended it, the message the remedy',
    },
    { type: 'Shortened', meaning: 'the status has not all that was measured; the message names the report that has' },
    { type: 'Outdated', meaning: 'the results are of an older adapter or an older spec' },
    { type: 'EvaluationFailed', meaning: 'the latest run failed; the results of an earlier one stay' },
  ],
} as const satisfies Kind;
