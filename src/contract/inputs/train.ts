import { z } from 'zod';
import { artifactInputSchema } from '../artifact.ts';
import { baseModelSchema } from './base-model.ts';
import { run, version } from './run.ts';
import { methodSchemas } from './train-method.ts';

const trainingSchema = z.strictObject({
  epochs: z.number(),
  /** goes before the epochs, which give the steps where it is null */
  maxSteps: z.int().nullable(),
  perDeviceBatchSize: z.int(),
  gradientAccumulationSteps: z.int(),
  /** null: that of the method */
  learningRate: z.number().nullable(),
  scheduler: z.enum(['cosine', 'linear', 'constant', 'constant_with_warmup', 'wsd', 'reduce_on_plateau']),
  /** share of all steps, 0 to 1; no more than a tenth of them warm up */
  warmup: z.number(),
  weightDecay: z.number(),
  maxGradNorm: z.number(),
  maxLength: z.int(),
  /** what becomes of longer rows */
  truncation: z.enum(['drop', 'trimHistory', 'split']),
  packing: z.boolean(),
  /** of trained tokens, the share about the documents; null: each row comes once an epoch */
  domainWeight: z.number().nullable(),
  /** whether a dataset without general rows is trained without domainWeight, which a preset asks for, and is not refused */
  isDomainWeightOptional: z.boolean(),
  /** auto: that of the tokenizer, else a simple one */
  chatTemplate: z.enum(['auto', 'chatml', 'alpaca']),
  /** auto: bf16 where the device has it, else fp16 on a GPU, else fp32 */
  precision: z.enum(['auto', 'bf16', 'fp16', 'fp32']),
  /** null: where the run would not fit its GPU without it */
  gradientCheckpointing: z.boolean().nullable(),
  optimizer: z.enum(['AdamW', 'AdamW8bit', 'PagedAdamW8bit', 'Adafactor', 'SGD']),
  /** null: by `warmup` */
  warmupSteps: z.int().nullable(),
  attention: z.enum(['Auto', 'Eager', 'Sdpa', 'FlashAttention2']),
  deterministic: z.boolean(),
  tf32: z.boolean(),
  compile: z.boolean(),
  attentionProbe: z.boolean(),
  seed: z.int(),
  /** general rows for each row of the dataset, on which the model is held to what it said before; 0: none */
  replay: z.number(),
  /** answer tokens of at least this probability are not trained in that step; null: all are */
  skipKnown: z.number().nullable(),
  /** share of running text in the trained tokens about the documents; null: by default, where the dataset has it */
  textWeight: z.number().nullable(),
  loggingSteps: z.int(),
  /** strength of the noise on the embeddings; null: none */
  neftuneAlpha: z.number().nullable(),
  /** of the base model; null: as its configuration says */
  dropout: z.number().nullable(),
  /** null: at least ten evaluations a stage, if it has so many steps */
  evalSteps: z.int().nullable(),
});

/** Positions for longer rows than the base model knows; null: as it is. At most one of both. */
const contextSchema = z.strictObject({
  ropeScaling: z.strictObject({ type: z.enum(['Linear', 'Dynamic', 'Yarn']), factor: z.number() }).nullable(),
  positions: z.strictObject({ length: z.int(), init: z.enum(['Interpolate', 'Random']) }).nullable(),
});

/** Parts of a run that follow each other. null: as `training` says, for Pretrain the rate of its own. */
const stageSchema = z.strictObject({
  /** null: by its number */
  name: z.string().nullable(),
  /** Pretrain reads text.jsonl of the dataset, Sft its rows */
  type: z.enum(['Pretrain', 'Sft']),
  maxLength: z.int().nullable(),
  learningRate: z.number().nullable(),
  epochs: z.number().nullable(),
  /** goes before the epochs */
  maxSteps: z.int().nullable(),
  domainWeight: z.number().nullable(),
  /** layers that method Freeze unfreezes when the stage begins */
  unfreeze: z.int().nullable(),
});

/** how several processes share a model; Auto is decided by the trainer, which knows the memory */
const distributedSchema = z.strictObject({
  strategy: z.enum(['Auto', 'DDP', 'FSDP2', 'ZeRO1', 'ZeRO2', 'ZeRO3']),
  cpuOffload: z.boolean(),
});

const watchdogSchema = z.strictObject({
  nonFinite: z.enum(['Rollback', 'Fail']),
  /** times the running median */
  lossSpikeFactor: z.number(),
  maxGradNorm: z.number(),
  stallSeconds: z.int(),
});

const outputSchema = z.strictObject({
  merged: z.boolean(),
  /** kinds of weights, the first one for Ollama */
  gguf: z.array(z.enum(['f16', 'q8_0', 'q5_1', 'q5_0', 'q4_1', 'q4_0'])),
  onnx: z.boolean(),
  torchScript: z.boolean(),
  ollama: z.boolean(),
  /** answers of base and tuned model to so many validation rows */
  samples: z.strictObject({ prompts: z.int(), maxNewTokens: z.int() }),
});

/** A registry that the artifact is pushed to; `configFile` is a docker configuration with its credentials. */
const ociSchema = z.strictObject({
  /** `host/path`, without tag */
  repository: z.string(),
  /** null: by the digest of the artifact */
  tag: z.string().nullable(),
  configFile: z.string().nullable(),
  /** plain http */
  insecure: z.boolean(),
});

/** All that shapes a training apart from its inputs. Everything is given: defaults and presets are the operator's. */
export const trainParametersSchema = z.strictObject({
  ...methodSchemas,
  training: trainingSchema,
  /** a run of the store to go on from; step null: its last checkpoint */
  resumeFrom: z.strictObject({ run: z.string().regex(/^[0-9a-f]{8,64}$/), step: z.int().nullable() }).nullable(),
  context: contextSchema,
  /** none: one stage by `training` */
  stages: z.array(stageSchema).max(8),
  earlyStopping: z.strictObject({ patience: z.int(), minDelta: z.number() }).nullable(),
  distributed: distributedSchema,
  /** everySteps null: every tenth of the run */
  checkpoint: z.strictObject({ everySteps: z.int().nullable(), keep: z.int() }),
  outOfMemory: z.strictObject({ policy: z.enum(['Adapt', 'Fail']) }),
  watchdog: watchdogSchema,
  output: outputSchema,
});
export type TrainParameters = z.infer<typeof trainParametersSchema>;

export const trainInputSchema = z.strictObject({
  version,
  run,
  dataset: artifactInputSchema,
  /** the adapter to begin with */
  initAdapter: artifactInputSchema.nullable(),
  baseModel: baseModelSchema,
  /** whether somebody agrees to the terms of a base model that asks for it */
  acceptLicense: z.boolean(),
  oci: ociSchema.nullable(),
  ...trainParametersSchema.shape,
});
export type TrainInput = z.infer<typeof trainInputSchema>;
