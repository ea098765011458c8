import type { Preset } from '../../../api/v1alpha1/index.ts';
import type { TrainParameters } from '../../../contract/inputs.ts';

type Group = Exclude<keyof TrainParameters, 'earlyStopping'>;
type Asked = {
  [Name in Group]?: TrainParameters[Name] extends object | null
    ? Partial<TrainParameters[Name]>
    : TrainParameters[Name];
} & Partial<Pick<TrainParameters, 'earlyStopping'>>;

const queryAndValue = ['q_proj', 'v_proj'];
const stopping = { patience: 3, minDelta: 0 };

/** What each source says; where it is silent, the defaults count, but every source trains every token of its rows and no other. A test has the same table with where each value is from. */
export const presets: Readonly<Record<Preset, Asked>> = {
  thesis: {
    method: 'QLoRA',
    lora: { rank: 64, alpha: 16, dropout: 0, targetModules: ['all-linear'] },
    training: {
      skipKnown: 1,
      textWeight: 0,
      epochs: 3,
      perDeviceBatchSize: 1,
      gradientAccumulationSteps: 4,
      learningRate: 2e-4,
      scheduler: 'cosine',
      optimizer: 'AdamW',
      weightDecay: 0.01,
      precision: 'bf16',
    },
  },
  report: {
    method: 'LoRA',
    lora: { rank: 8, alpha: 32, dropout: 0.05, targetModules: queryAndValue },
    training: {
      skipKnown: 1,
      textWeight: 0,
      epochs: 5,
      perDeviceBatchSize: 2,
      gradientAccumulationSteps: 1,
      learningRate: 5e-5,
      scheduler: 'constant',
      warmup: 0,
      // 512 tokens of the question and 128 of the answer
      maxLength: 640,
      precision: 'fp16',
    },
  },
  'overfit-aware': {
    method: 'LoRA',
    lora: { rank: 8, alpha: 32, dropout: 0.2, targetModules: queryAndValue },
    training: {
      skipKnown: 1,
      textWeight: 0,
      epochs: 30,
      perDeviceBatchSize: 4,
      gradientAccumulationSteps: 4,
      learningRate: 1e-4,
      scheduler: 'cosine',
      warmup: 0.1,
      optimizer: 'PagedAdamW8bit',
      weightDecay: 0.01,
      maxLength: 512,
      precision: 'fp16',
      seed: 42,
    },
    earlyStopping: stopping,
    checkpoint: { keep: 3 },
  },
  deepseek: {
    method: 'LoRA',
    lora: { rank: 16, alpha: 32, dropout: 0, targetModules: ['all-linear'], skipLayers: 5 },
    training: {
      skipKnown: 1,
      textWeight: 0,
      epochs: 3,
      perDeviceBatchSize: 8,
      gradientAccumulationSteps: 4,
      learningRate: 3e-4,
      scheduler: 'cosine',
      warmupSteps: 100,
      maxGradNorm: 1,
      precision: 'fp16',
      loggingSteps: 50,
      evalSteps: 500,
      domainWeight: 0.7,
    },
    earlyStopping: stopping,
    checkpoint: { everySteps: 500 },
  },
  guide: {
    // by rows, as the source chooses: LoRA below 100,000
    method: 'Auto',
    lora: { rank: 8, alpha: 16, dropout: 0, targetModules: queryAndValue },
    // the source has no number: so all layers of usual models are trained before the end of its smallest run that unfreezes any
    freeze: { unfreezeEverySteps: 500 },
    training: {
      skipKnown: 1,
      textWeight: 0,
      epochs: 3,
      perDeviceBatchSize: 4,
      gradientAccumulationSteps: 8,
      learningRate: 2e-5,
      scheduler: 'cosine',
      warmup: 0.1,
      precision: 'auto',
    },
  },
};

/** What takes the place of what a preset asks for where there is no GPU: fp16 and pages are for GPUs alone, and 4 bits save no time. */
export const withoutGpu: Readonly<Record<Preset, Asked>> = {
  thesis: { method: 'LoRA' },
  report: { training: { precision: 'fp32' } },
  'overfit-aware': { training: { precision: 'fp32', optimizer: 'AdamW8bit' } },
  deepseek: { training: { precision: 'fp32' } },
  guide: {},
};

/** What takes the place of what a preset asks for where several processes train, which cannot unfreeze layers together. */
export const withSeveral: Partial<Readonly<Record<Preset, Asked>>> = {
  guide: { freeze: { unfreezeEverySteps: null } },
};
