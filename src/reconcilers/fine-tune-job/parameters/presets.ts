import type { Preset } from '../../../api/v1alpha1/index.ts';
import type { TrainParameters } from '../../../contract/inputs.ts';

type Group = Exclude<keyof TrainParameters, 'earlyStopping'>;
type Asked = { [Name in Group]?: Partial<TrainParameters[Name]> } & Partial<Pick<TrainParameters, 'earlyStopping'>>;

const queryAndValue = ['q_proj', 'v_proj'];
const stopping = { patience: 3, minDelta: 0 };

/** What each source says; where it is silent, the defaults count. A test has the same table with where each value is from. */
export const presets: Readonly<Record<Preset, Asked>> = {
  thesis: {
    lora: { rank: 64, alpha: 16, dropout: 0, targetModules: ['all-linear'] },
    training: {
      epochs: 3,
      perDeviceBatchSize: 1,
      gradientAccumulationSteps: 4,
      learningRate: 2e-4,
      scheduler: 'cosine',
      weightDecay: 0.01,
      precision: 'bf16',
    },
  },
  report: {
    lora: { rank: 8, alpha: 32, dropout: 0.05, targetModules: queryAndValue },
    training: {
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
    lora: { rank: 8, alpha: 32, dropout: 0.2, targetModules: queryAndValue },
    training: {
      epochs: 30,
      perDeviceBatchSize: 4,
      gradientAccumulationSteps: 4,
      learningRate: 1e-4,
      scheduler: 'cosine',
      warmup: 0.1,
      weightDecay: 0.01,
      maxLength: 512,
      precision: 'fp16',
      seed: 42,
    },
    earlyStopping: stopping,
    checkpoint: { keep: 3 },
  },
  deepseek: {
    lora: { rank: 16, alpha: 32, dropout: 0, targetModules: ['all-linear'] },
    training: {
      epochs: 3,
      perDeviceBatchSize: 8,
      gradientAccumulationSteps: 4,
      learningRate: 3e-4,
      scheduler: 'cosine',
      maxGradNorm: 1,
      precision: 'fp16',
      loggingSteps: 50,
      evalSteps: 500,
    },
    earlyStopping: stopping,
    checkpoint: { everySteps: 500 },
  },
  guide: {
    lora: { rank: 8, alpha: 16, dropout: 0, targetModules: queryAndValue },
    training: {
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

/** What takes the place of what a preset asks for where there is no GPU: fp16 is for GPUs alone. */
export const withoutGpu: Readonly<Record<Preset, Asked>> = {
  thesis: {},
  report: { training: { precision: 'fp32' } },
  'overfit-aware': { training: { precision: 'fp32' } },
  deepseek: { training: { precision: 'fp32' } },
  guide: {},
};
