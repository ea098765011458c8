import { z } from 'zod';
import { baseModel } from './base-model.ts';
import { computeResources } from './compute-resources.ts';
import { fineTuneJobStatus } from './fine-tune-job-status.ts';
import type { FineTuneJobStatus } from './fine-tune-job-status.ts';
import type { Kind, Resource } from './kind.ts';
import { nameRef } from './references.ts';
import { withRules } from './rules.ts';
import { decimal, duration, setOf } from './scalars.ts';

const lora = z.strictObject({
  rank: z.int().min(1).max(1024).default(16).describe('Rank of the LoRA matrices: more learns more and forgets more.'),
  alpha: z.int().min(1).max(4096).default(32).describe('Scale of the adapter; commonly twice the rank.'),
  dropout: decimal('lora.dropout', { min: 0, max: 0.9 }).default('0').describe('Dropout on the input of the adapter.'),
  targetModules: setOf(z.string().min(1).max(256), 1, 64)
    .default(['all-linear'])
    .describe('Layers that get an adapter, by the end of their names, such as "q_proj"; or "all-linear" alone.'),
  rsLoRA: z.boolean().default(false).describe('Scale by the square root of the rank, which is steadier at high ranks.'),
});

const training = z.strictObject({
  epochs: decimal('training.epochs', { above: 0, max: 1000 }).default('3').describe('Passes over the rows.'),
  maxSteps: z
    .int()
    .min(1)
    .max(10_000_000)
    .optional()
    .describe('Steps at the most; as many as the epochs give if not given.'),
  perDeviceBatchSize: z.int().min(1).max(1024).default(4).describe('Rows that one device takes at a time.'),
  gradientAccumulationSteps: z.int().min(1).max(4096).default(1).describe('Batches that make one step.'),
  learningRate: decimal('training.learningRate', { above: 0, max: 1 }).default('2e-4').describe('Peak learning rate.'),
  scheduler: z
    .enum(['cosine', 'linear', 'constant', 'constant_with_warmup'])
    .default('cosine')
    .describe('How the learning rate goes on after the warmup.'),
  warmup: decimal('training.warmup', { min: 0, max: 1 }).default('0.03').describe('Share of the steps that warm up.'),
  weightDecay: decimal('training.weightDecay', { min: 0, max: 1 }).default('0.01').describe('Weight decay.'),
  maxGradNorm: decimal('training.maxGradNorm', { above: 0, max: 1000 })
    .default('1.0')
    .describe('Longer gradients are cut.'),
  maxLength: z
    .int()
    .min(16)
    .max(1_048_576)
    .default(1024)
    .describe('Tokens of a row at the most; longer rows are left out.'),
  precision: z
    .enum(['auto', 'bf16', 'fp16', 'fp32'])
    .default('auto')
    .describe('"auto": bf16 where the device has it, else fp16 on a GPU, else fp32.'),
  gradientCheckpointing: z.boolean().default(false).describe('Trade a third more time for much less memory.'),
  seed: z.int().min(0).max(4294967295).default(42).describe('Seed of every draw.'),
  loggingSteps: z.int().min(1).max(100_000).default(5).describe('Steps between two reports.'),
  evalSteps: z
    .int()
    .min(1)
    .max(10_000_000)
    .optional()
    .describe('Steps between two looks at the validation rows; about ten looks a run if not given.'),
});

const earlyStopping = z.strictObject({
  patience: z.int().min(1).max(1000).default(3).describe('Looks without progress after which the run ends.'),
  minDelta: decimal('earlyStopping.minDelta', { min: 0, max: 100 })
    .default('0')
    .describe('Fall of the loss that counts as progress.'),
});

const checkpoint = z.strictObject({
  everySteps: z
    .int()
    .min(1)
    .max(10_000_000)
    .optional()
    .describe('Steps between two checkpoints; a tenth of the run if not given.'),
  keep: z.int().min(1).max(100).default(3).describe('Checkpoints that are kept.'),
});

const retrain = withRules(
  z.strictObject({
    policy: z
      .enum(['OnChange', 'Never', 'Schedule'])
      .default('OnChange')
      .describe(
        '"OnChange": a new dataset or changed parameters train again; "Never": the first adapter stays; "Schedule": changes wait for the next time of the schedule.',
      ),
    schedule: z
      .string()
      .min(9)
      .max(128)
      .optional()
      .describe('Five fields as in cron, such as "0 3 1 */3 *" for each quarter. Unchanged inputs train nothing.'),
    timeZone: z
      .string()
      .min(1)
      .max(64)
      .default('Etc/UTC')
      .describe('Time zone of the schedule, such as "Europe/Berlin".'),
    minInterval: duration('retrain.minInterval', { min: '1s', max: '87600h' })
      .optional()
      .describe('Least time between an adapter and the training of the next one.'),
  }),
  {
    cel: "has(self.schedule) == (self.policy == 'Schedule')",
    message: 'retrain.schedule goes with policy "Schedule"',
    holds: ({ policy, schedule }) => (schedule !== undefined) === (policy === 'Schedule'),
  },
);

const isAllLinearAlone = (modules: readonly string[]): boolean =>
  modules.length === 1 || !modules.includes('all-linear');

const spec = withRules(
  z.strictObject({
    suspend: z
      .boolean()
      .default(false)
      .describe('Stop a run under way, after a checkpoint; set back to false, it goes on from there.'),
    datasetRef: nameRef('the Dataset').describe('The rows to train on.'),
    baseModel: baseModel.describe('The model to tune: exactly one of three places.'),
    lora: lora.prefault({}).describe('The adapter that is trained.'),
    training: training.prefault({}).describe('How it is trained.'),
    earlyStopping: earlyStopping.optional().describe('End the run when it gets no better; off if not given.'),
    checkpoint: checkpoint.prefault({}).describe('What a run that was interrupted goes on from.'),
    resources: computeResources,
    retrain: retrain.prefault({}).describe('When to train again.'),
    concurrency: z
      .enum(['Replace', 'Finish'])
      .default('Replace')
      .describe('What becomes of a run under way when its inputs change: replaced at once, or finished first.'),
    historyLimit: z.int().min(0).max(20).default(3).describe('Earlier adapters that status.history lists.'),
    backoffLimit: z.int().min(0).max(20).default(3).describe('Failed pods of a run after which it has failed.'),
    activeDeadlineSeconds: z
      .int()
      .min(60)
      .max(31_536_000)
      .optional()
      .describe('Seconds after which a run is stopped as failed.'),
    ttlSecondsAfterFinished: z
      .int()
      .min(0)
      .max(31_536_000)
      .optional()
      .describe('Seconds after which the Job of a run that ended is cleaned up.'),
  }),
  {
    cel: `self.lora.targetModules.size() == 1 || !('all-linear' in self.lora.targetModules)`,
    message: 'lora.targetModules takes "all-linear" alone or names of layers, not both',
    holds: ({ lora: { targetModules } }) => isAllLinearAlone(targetModules),
  },
);
export type FineTuneJobSpec = z.output<typeof spec>;
export type FineTuneJob = Resource<FineTuneJobSpec, FineTuneJobStatus>;

export const fineTuneJob = {
  kind: 'FineTuneJob',
  plural: 'finetunejobs',
  singular: 'finetunejob',
  shortName: 'ftj',
  description: 'An adapter for one dataset and base model with these parameters: edit it, and it trains again.',
  spec,
  status: fineTuneJobStatus,
  columns: [
    { name: 'PHASE', type: 'string', jsonPath: '.status.phase', description: 'Where the object stands.' },
    { name: 'PROGRESS', type: 'integer', jsonPath: '.status.progress.percent', description: 'Progress in percent.' },
    { name: 'LOSS', type: 'string', jsonPath: '.status.training.loss', description: 'Loss of the last report.' },
    { name: 'MEMORY', type: 'string', jsonPath: '.status.memory.summary', description: 'Memory in use, and of what.' },
    { name: 'MODEL', type: 'string', jsonPath: '.status.model', description: 'The base model.' },
  ],
  conditions: [
    { type: 'Queued', meaning: 'the pod waits for room in the cluster' },
    { type: 'Running', meaning: 'a run is under way' },
    { type: 'Complete', meaning: 'the run for the current inputs is done' },
    { type: 'Failed', meaning: 'the run for the current inputs failed' },
    { type: 'OutOfMemory', meaning: 'the run needed more memory than it had' },
    { type: 'Diverged', meaning: 'the loss of the run was no longer finite' },
    { type: 'Overfitting', meaning: 'the run learnt its rows at the cost of other documents; the message has advice' },
    { type: 'ArtifactOutdated', meaning: 'the adapter was made from older inputs' },
  ],
} as const satisfies Kind;
