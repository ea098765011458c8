import { z } from 'zod';
import { artifact, artifactPointer, digest } from './artifact.ts';
import { baseModel } from './base-model.ts';
import { sharedStatus } from './conditions.ts';
import { progressFields, runFields, trainerStatus } from './run.ts';
import { count, figure, mapOf, objectName, time } from './scalars.ts';

/** What an adapter is made from; an evaluation compares with this base model on these rows. */
export const lineage = z.strictObject({
  inputsHash: z.string().max(64).describe('Hash of all that decides the adapter.'),
  dataset: z
    .strictObject({ name: objectName().describe('Name of the Dataset.'), ...artifactPointer.shape })
    .describe('The rows.'),
  baseModel: baseModel.describe('The base model as the spec named it.'),
  initAdapter: z
    .strictObject({ name: objectName().describe('Name of its FineTuneJob.'), ...artifactPointer.shape })
    .optional()
    .describe('The adapter that it began with.'),
});
export type Lineage = z.output<typeof lineage>;

const trainingProgress = z.strictObject({
  step: count().optional().describe('Steps that are done.'),
  totalSteps: count().optional().describe('Steps of the whole run.'),
  epoch: figure().optional().describe('Passes over the rows so far, of the stage under way.'),
  stage: count().optional().describe('Number of the stage under way where there are several; the first is 0.'),
  loss: figure().optional().describe('Training loss of the last report.'),
  evalLoss: figure().optional().describe('Loss on the validation rows.'),
  evalRecallLoss: figure().optional().describe('Loss on other wordings of trained facts.'),
  evalUnseenLoss: figure().optional().describe('Loss on documents that are not trained.'),
  learningRate: figure().optional().describe('Learning rate of the last step.'),
  gradNorm: figure().optional().describe('Length of the last gradient.'),
  tokensPerSecond: figure().optional().describe('Trained tokens per second.'),
  startupSeconds: figure().optional().describe('From the start of the process to the end of its first step.'),
  evalTokenAccuracy: figure().optional().describe('Share of the answer tokens of the validation rows foreseen.'),
  perplexity: figure().optional().describe('Perplexity on the validation rows.'),
  tokens: count().optional().describe('Tokens that were trained so far, without padding.'),
  epochTokens: count().optional().describe('Tokens of one pass over the rows, without padding.'),
  paddingShare: figure().optional().describe('Share of the places in all batches that is padding, 0 to 1.'),
  mfu: figure().optional().describe('Share of the arithmetic of the GPU that the training uses, 0 to 1.'),
  gpuUtilization: figure().optional().describe('Share of the time in which the GPU was at work, 0 to 1.'),
});
export type TrainingProgress = z.output<typeof trainingProgress>;

const memory = z.strictObject({
  device: z.enum(['gpu', 'host']).describe('Whether the figures are of the GPU or, without one, of the host.'),
  usedBytes: count().optional().describe('In use at the last report.'),
  peakBytes: count().optional().describe('The most that was in use.'),
  estimatedBytes: count().optional().describe('What the run was expected to need before it began; of GPUs alone.'),
  capacityBytes: count().optional().describe('What there is.'),
  summary: z.string().max(32).optional().describe('In use and of what, in a few letters.'),
});
export type Memory = z.output<typeof memory>;

const publishedExport = z.strictObject({
  name: z.string().max(32).describe('Which one, such as "merged" or "gguf-q4_0".'),
  size: count().describe('Size in bytes.'),
  sizeRatio: figure().describe('Size as a share of the weights in 16 bits.'),
  topOneAgreement: figure().describe('Share of answer tokens at which it has the same first choice, 0 to 1.'),
  meanKl: figure().describe('Mean KL divergence from the trained model in nats.'),
  perplexityRise: figure().describe('Growth of the perplexity as a share of it; below 0 for a fall.'),
});
export type PublishedExport = z.output<typeof publishedExport>;

const pastAdapter = z.strictObject({
  run: z.string().max(63).describe('Run that made it.'),
  artifact: artifact.describe('The adapter; it stays in the store.'),
  inputsHash: z.string().max(64).describe('Hash of what it was made from.'),
});

export const fineTuneJobStatus = z.strictObject({
  ...sharedStatus,
  model: z.string().max(256).optional().describe('The base model, in one word.'),
  artifact: artifact.optional().describe('The adapter; it stays while a newer one is trained or fails.'),
  artifactRun: z.string().max(63).optional().describe('Run that made the adapter.'),
  lineage: lineage.optional().describe('What the adapter was made from.'),
  baseModelRevision: z.string().max(256).optional().describe('What names the base weights of the adapter exactly.'),
  method: z
    .strictObject({
      chosen: z.string().max(32).describe('The method that was trained by.'),
      reason: z.string().max(256).optional().describe('Why, where spec.method left it open.'),
      learningRate: figure().describe('Peak learning rate; that of the method where the spec gave none.'),
    })
    .optional()
    .describe('How the adapter was trained.'),
  trainableParameters: z
    .strictObject({
      count: count().describe('Parameters of the adapter.'),
      percent: figure().describe('Share of all parameters in percent.'),
    })
    .optional()
    .describe('Size of the adapter.'),
  overfitting: z
    .strictObject({
      verdict: z.enum(['none', 'suspected', 'confirmed']).describe('Whether the run overfitted.'),
      step: count().optional().describe('Step after which it went wrong.'),
      rise: figure().optional().describe('Growth of the loss on unseen documents since, as a share of it.'),
      advice: z.array(z.string().max(128)).max(8).optional().describe('What to change, the cheapest first.'),
    })
    .optional()
    .describe('Judged by the loss on documents that are not trained.'),
  startup: mapOf(figure(), 16)
    .optional()
    .describe('Seconds from the start of the process to the end of its first step, by phase.'),
  resolved: mapOf(z.string().max(2048), 256)
    .optional()
    .describe('All parameters of the latest run by their fields, those of the preset and the defaults included.'),
  graceSeconds: count()
    .optional()
    .describe(
      'Seconds that pods of the latest Job get to end: three times the last save that was measured before it was made.',
    ),
  effectiveBatchSize: count().optional().describe('Rows of one step: batch x accumulation x devices.'),
  warnings: z
    .array(
      z.strictObject({
        reason: z.string().max(64).describe('What it is, as one word; the condition of that name says it too.'),
        message: z.string().max(256).describe('What is wrong, and what to change.'),
      }),
    )
    .max(8)
    .optional()
    .describe('What the figures of the adapter suffer from, as its run found out.'),
  exports: z.array(publishedExport).max(12).optional().describe('Forms beside the adapter, as they were checked.'),
  published: z
    .array(
      z.strictObject({
        name: z.string().max(32).describe('Which form: "adapter", "model", "merged" or such as "gguf-q4_0".'),
        reference: z.string().max(512).describe('Repository and tag.'),
        digest: digest().describe('Digest of the manifest, which names exactly this content.'),
      }),
    )
    .max(12)
    .optional()
    .describe('Where the adapter lies in a registry.'),
  nextRetrainTime: time().optional().describe('When new inputs may be trained, where spec.retrain holds them off.'),
  history: z.array(pastAdapter).max(20).optional().describe('Earlier adapters, the newest first.'),
  run: z
    .strictObject({ ...runFields, lineage: lineage.optional().describe('What it is made from.') })
    .optional()
    .describe('The latest run.'),
  trainerStatus: trainerStatus.optional().describe('Last report of the trainer.'),
  progress: z.strictObject(progressFields).optional().describe('Progress of the run.'),
  training: trainingProgress.optional().describe('How the training goes; the final figures once it is done.'),
  memory: memory.optional().describe('Memory of the run.'),
  checkpoint: z
    .strictObject({
      uri: z.string().max(1024).optional().describe('Where it lies.'),
      step: count().describe('Step after which it was saved.'),
      time: time().optional().describe('When it was reported first.'),
      seconds: figure().optional().describe('How long it took to write.'),
    })
    .optional()
    .describe('The last checkpoint; a run that was interrupted goes on from it.'),
});
export type FineTuneJobStatus = z.output<typeof fineTuneJobStatus>;
