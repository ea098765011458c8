import { z } from 'zod';
import { baseModel } from './base-model.ts';
import { belonging } from './fine-tune-job/belonging.ts';
import { combinations } from './fine-tune-job/combinations.ts';
import { checkpoint } from './fine-tune-job/checkpoint.ts';
import { context } from './fine-tune-job/context.ts';
import { distributed, trainingResources } from './fine-tune-job/distributed.ts';
import { earlyStopping } from './fine-tune-job/early-stopping.ts';
import { initAdapterFrom, resumeFrom } from './fine-tune-job/going-on.ts';
import { lora } from './fine-tune-job/lora.ts';
import { adaLoRA, freeze, method, promptTuning, quantization } from './fine-tune-job/method.ts';
import { preset } from './fine-tune-job/preset.ts';
import { outOfMemory } from './fine-tune-job/out-of-memory.ts';
import { output } from './fine-tune-job/output.ts';
import { retrain } from './fine-tune-job/retrain.ts';
import { runtime } from './fine-tune-job/runtime.ts';
import { stages } from './fine-tune-job/stages.ts';
import { training } from './fine-tune-job/training.ts';
import { watchdog } from './fine-tune-job/watchdog.ts';
import { fineTuneJobStatus } from './fine-tune-job-status.ts';
import type { FineTuneJobStatus } from './fine-tune-job-status.ts';
import type { Kind, Resource } from './kind.ts';
import { nameRef } from './references.ts';
import { withRules } from './rules.ts';

const spec = withRules(
  z.strictObject({
    suspend: z
      .boolean()
      .default(false)
      .describe('Stop a run under way, after a checkpoint; set back to false, it goes on from there.'),
    datasetRef: nameRef('the Dataset').describe('The rows to train on.'),
    baseModel: baseModel.describe('The model to tune: exactly one of three places.'),
    preset: preset
      .optional()
      .describe(
        'Parameters of a published source; any field beside it goes before it. docs/kinds/finetunejob.md has all.',
      ),
    method: method
      .optional()
      .describe(
        'What is trained: "Auto" chooses by rows and memory and says why, "Freeze" and "Full" publish a whole model, the others an adapter; Auto if not given.',
      ),
    quantization: quantization.optional().describe('Base model in fewer bits, for method QLoRA.'),
    lora: lora.optional().describe('The adapter that is trained.'),
    adaLoRA: adaLoRA.optional().describe('What method AdaLoRA has beside spec.lora.'),
    promptTuning: promptTuning.optional().describe('What method PromptTuning trains.'),
    freeze: freeze.optional().describe('What method Freeze leaves as it is.'),
    training: training.optional().describe('How it is trained.'),
    resumeFrom: resumeFrom
      .optional()
      .describe('A checkpoint of another run of the same inputs to go on from, for more steps or at another rate.'),
    initAdapterFrom: initAdapterFrom.optional().describe('An adapter to begin with, to train it on new data.'),
    context: context.optional().describe('Longer rows than the base model was trained for.'),
    stages: stages
      .optional()
      .describe(
        'Parts of one training that follow each other with one adapter, each on its rows; all of spec.training in one if not given.',
      ),
    earlyStopping: earlyStopping
      .optional()
      .describe('End the run when it gets no better; off if neither it nor a preset with it is given.'),
    checkpoint: checkpoint.optional().describe('What a run that was interrupted goes on from.'),
    output: output.optional().describe('What is published beside the adapter, each form checked against it.'),
    resources: trainingResources,
    distributed: distributed.optional().describe('How several GPUs or nodes share the work.'),
    outOfMemory: outOfMemory.optional().describe('What a run does that needs more memory than its GPU has.'),
    watchdog: watchdog.optional().describe('When a run leaves out steps, goes back, or is started again.'),
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
    managedBy: z
      .string()
      .max(63)
      .regex(/^[a-z0-9.-]+\/[A-Za-z0-9._-]+$/)
      .optional()
      .describe('Controller that runs the Job instead of that of Kubernetes (`Job.spec.managedBy`).'),
    runtime: runtime.optional().describe('With what image, variables and pod it is trained.'),
  }),
  ...combinations,
  ...belonging,
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
    { type: 'CheckpointSaved', meaning: 'the run under way would go on from a checkpoint if it were interrupted' },
    { type: 'TooFewSteps', meaning: 'the run had so few steps that its figures mean little; the message has advice' },
    { type: 'LossOscillation', meaning: 'the loss went up and down instead of down; the message has advice' },
    { type: 'GPUUnderused', meaning: 'the GPU idled for a good part of the run; the message has the probable cause' },
    { type: 'MemoryAdapted', meaning: 'memory ran out, and the run went on with less at a time; the message says how' },
    {
      type: 'RolledBack',
      meaning: 'the run went back to a checkpoint with a lower learning rate; the message has advice',
    },
    { type: 'LicenceUnknown', meaning: 'the licence of the base model is not known; the message says what was found' },
    { type: 'RunStalled', meaning: 'nothing was heard of the run under way for too long; the message has advice' },
    { type: 'ArtifactOutdated', meaning: 'the adapter was made from older inputs' },
  ],
} as const satisfies Kind;
