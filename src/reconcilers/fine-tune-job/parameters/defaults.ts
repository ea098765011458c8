import type { TrainParameters } from '../../../contract/inputs.ts';

/** What counts where neither the spec nor its preset says anything. */
export const defaults: TrainParameters = {
  lora: { rank: 16, alpha: 32, dropout: 0, targetModules: ['all-linear'], rsLoRA: false },
  training: {
    epochs: 3,
    maxSteps: null,
    perDeviceBatchSize: 4,
    gradientAccumulationSteps: 1,
    learningRate: 2e-4,
    scheduler: 'cosine',
    warmup: 0.03,
    weightDecay: 0.01,
    maxGradNorm: 1,
    maxLength: 1024,
    truncation: 'drop',
    packing: false,
    domainWeight: null,
    chatTemplate: 'auto',
    precision: 'auto',
    gradientCheckpointing: false,
    seed: 42,
    loggingSteps: 5,
    evalSteps: null,
  },
  earlyStopping: null,
  distributed: { strategy: 'Auto', cpuOffload: false },
  checkpoint: { everySteps: null, keep: 3 },
  outOfMemory: { policy: 'Adapt' },
  watchdog: { nonFinite: 'Rollback', lossSpikeFactor: 3, maxGradNorm: 100, stallSeconds: 1800 },
};
