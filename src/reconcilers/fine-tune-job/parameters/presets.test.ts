import { describe, expect, it } from 'vitest';
import { aFineTuneJob } from '../../../../tests/builders/objects.ts';
import { fineTuneJob } from '../../../api/v1alpha1/index.ts';
import type { Preset } from '../../../api/v1alpha1/index.ts';
import { trainParametersSchema } from '../../../contract/inputs/train.ts';
import { defaults } from './defaults.ts';
import { presets } from './presets.ts';
import { decidingParameters, parametersOf } from './resolve.ts';

const specOf = (spec: Record<string, unknown> = {}) => aFineTuneJob({ resources: { gpus: 1 }, ...spec }).spec;
const ofPreset = (preset: Preset, spec: Record<string, unknown> = {}) => parametersOf(specOf({ preset, ...spec }));

const queryAndValue = ['q_proj', 'v_proj'];
const allLinear = ['all-linear'];

/** Where a value is from: the table of the five presets, by its column. */
type Row = readonly [field: string, value: unknown, column: string];

const tables: Readonly<Record<Preset, readonly Row[]>> = {
  thesis: [
    ['training.skipKnown', 1, 'no source leaves a token out'],
    ['training.textWeight', 0, 'no source trains on text beside its rows'],
    ['method', 'QLoRA', 'method'],
    ['training.optimizer', 'AdamW', 'other: AdamW'],
    ['lora.rank', 64, 'r'],
    ['lora.alpha', 16, 'alpha'],
    ['lora.dropout', 0, 'dropout'],
    ['lora.targetModules', allLinear, 'targets'],
    ['training.learningRate', 2e-4, 'lr'],
    ['training.scheduler', 'cosine', 'schedule'],
    ['training.perDeviceBatchSize', 1, 'batch'],
    ['training.gradientAccumulationSteps', 4, 'accumulation'],
    ['training.epochs', 3, 'epochs'],
    ['training.precision', 'bf16', 'precision'],
    ['training.weightDecay', 0.01, 'other: weight decay'],
    ['earlyStopping', null, 'none is named'],
  ],
  report: [
    ['training.skipKnown', 1, 'no source leaves a token out'],
    ['training.textWeight', 0, 'no source trains on text beside its rows'],
    ['method', 'LoRA', 'method'],
    ['lora.rank', 8, 'r'],
    ['lora.alpha', 32, 'alpha'],
    ['lora.dropout', 0.05, 'dropout'],
    ['lora.targetModules', queryAndValue, 'targets'],
    ['training.learningRate', 5e-5, 'lr: the first of two'],
    ['training.scheduler', 'constant', 'schedule'],
    ['training.warmup', 0, 'schedule: constant from the first step'],
    ['training.perDeviceBatchSize', 2, 'batch: the first of two'],
    ['training.gradientAccumulationSteps', 1, 'accumulation'],
    ['training.epochs', 5, 'epochs'],
    ['training.precision', 'fp16', 'precision'],
    ['training.maxLength', 640, 'other: 512 tokens of the source and 128 of the target'],
    ['earlyStopping', null, 'none is named'],
  ],
  'overfit-aware': [
    ['training.skipKnown', 1, 'no source leaves a token out'],
    ['training.textWeight', 0, 'no source trains on text beside its rows'],
    ['method', 'LoRA', 'method'],
    ['training.optimizer', 'PagedAdamW8bit', 'other: paged_adamw_8bit'],
    ['lora.rank', 8, 'r'],
    ['lora.alpha', 32, 'alpha'],
    ['lora.dropout', 0.2, 'dropout'],
    ['lora.targetModules', queryAndValue, 'targets'],
    ['training.learningRate', 1e-4, 'lr'],
    ['training.scheduler', 'cosine', 'schedule'],
    ['training.warmup', 0.1, 'warmup: ratio'],
    ['training.perDeviceBatchSize', 4, 'batch'],
    ['training.gradientAccumulationSteps', 4, 'accumulation'],
    ['training.epochs', 30, 'epochs'],
    ['earlyStopping', { patience: 3, minDelta: 0 }, 'epochs: early stop 3'],
    ['training.precision', 'fp16', 'precision'],
    ['training.weightDecay', 0.01, 'other: weight decay'],
    ['training.maxLength', 512, 'other: max length'],
    ['checkpoint.keep', 3, 'other: keep'],
    ['training.seed', 42, 'other: seed'],
  ],
  deepseek: [
    ['training.skipKnown', 1, 'no source leaves a token out'],
    ['training.textWeight', 0, 'no source trains on text beside its rows'],
    ['method', 'LoRA', 'method: the first of three'],
    ['training.warmupSteps', 100, 'warmup: 100 steps'],
    ['lora.rank', 16, 'r'],
    ['lora.alpha', 32, 'alpha'],
    ['lora.dropout', 0, 'dropout'],
    ['lora.targetModules', allLinear, 'targets'],
    ['training.learningRate', 3e-4, 'lr'],
    ['training.scheduler', 'cosine', 'schedule'],
    ['training.perDeviceBatchSize', 8, 'batch'],
    ['training.gradientAccumulationSteps', 4, 'accumulation'],
    ['training.epochs', 3, 'epochs'],
    ['earlyStopping', { patience: 3, minDelta: 0 }, 'epochs: early stop 3'],
    ['training.precision', 'fp16', 'precision'],
    ['lora.skipLayers', 5, 'other: freeze first 5 layers'],
    ['training.maxGradNorm', 1, 'other: max_grad_norm'],
    ['training.loggingSteps', 50, 'other: logging'],
    ['checkpoint.everySteps', 500, 'other: save'],
    ['training.evalSteps', 500, 'other: eval'],
  ],
  guide: [
    ['training.skipKnown', 1, 'no source leaves a token out'],
    ['training.textWeight', 0, 'no source trains on text beside its rows'],
    ['method', 'LoRA', 'method'],
    ['lora.rank', 8, 'r'],
    ['lora.alpha', 16, 'alpha'],
    ['lora.dropout', 0, 'dropout'],
    ['lora.targetModules', queryAndValue, 'targets'],
    ['training.learningRate', 2e-5, 'lr'],
    ['training.scheduler', 'cosine', 'schedule'],
    ['training.warmup', 0.1, 'warmup: ratio'],
    ['training.perDeviceBatchSize', 4, 'batch'],
    ['training.gradientAccumulationSteps', 8, 'accumulation'],
    ['training.epochs', 3, 'epochs'],
    ['training.precision', 'auto', 'precision'],
    ['earlyStopping', null, 'none is named'],
  ],
};

const at = (value: unknown, path: string): unknown =>
  path.split('.').reduce((inner, name) => (inner as Record<string, unknown> | undefined)?.[name], value);

/** Paths of all values that a preset sets. */
const pathsOf = (value: object, prefix = ''): string[] =>
  Object.entries(value).flatMap(([name, member]) => {
    const path = `${prefix}${name}`;
    const isGroup = typeof member === 'object' && member !== null && !Array.isArray(member) && name !== 'earlyStopping';
    return isGroup ? pathsOf(member as object, `${path}.`) : [path];
  });

const names = Object.keys(presets) as Preset[];

describe('[C82] the preset', () => {
  it.each(names.flatMap((name) => tables[name].map((row) => [name, ...row] as const)))(
    '%s has %s %j (%s)',
    (name, field, value) => {
      expect(at(ofPreset(name), field)).toEqual(value);
    },
  );

  it.each(names)('%s sets nothing that its source does not say', (name) => {
    const said = tables[name].map(([field]) => field);
    expect(pathsOf(presets[name]).filter((path) => !said.includes(path))).toEqual([]);
  });

  it.each(names)('%s keeps the contract, with and without a GPU', (name) => {
    for (const gpus of [0, 1]) {
      const parameters = ofPreset(name, { resources: { gpus } });
      expect(trainParametersSchema.safeParse(parameters).error).toBeUndefined();
    }
  });

  it('gives way to each field beside it, and to nothing else', () => {
    const { lora, training } = ofPreset('overfit-aware', { lora: { rank: 4 }, training: { epochs: '2' } });
    expect(lora).toEqual({ ...defaults.lora, ...presets['overfit-aware'].lora, rank: 4 });
    expect(training).toEqual({ ...defaults.training, ...presets['overfit-aware'].training, epochs: 2 });
  });

  it('that stops early can be told not to, or later', () => {
    expect(ofPreset('deepseek', { earlyStopping: { patience: 0 } }).earlyStopping).toBeNull();
    expect(ofPreset('deepseek', { earlyStopping: { minDelta: '0.1' } }).earlyStopping).toEqual({
      patience: 3,
      minDelta: 0.1,
    });
  });

  it('with what needs a GPU takes the nearest on the CPU, unless the spec itself asks for something', () => {
    const resources = { gpus: 0 };
    expect(ofPreset('overfit-aware', { resources }).training.precision).toBe('fp32');
    expect(ofPreset('overfit-aware', { resources, training: { optimizer: 'SGD' } }).training.optimizer).toBe('SGD');
    expect(ofPreset('overfit-aware', { resources }).training.optimizer).toBe('AdamW8bit');
    expect(ofPreset('thesis', { resources }).method).toBe('LoRA');
  });

  it('with a number of steps to warm up gives way to a share of them', () => {
    expect(ofPreset('deepseek', { training: { warmup: '0.05' } }).training).toMatchObject({
      warmup: 0.05,
      warmupSteps: null,
    });
    expect(ofPreset('guide', { training: { warmupSteps: 7 } }).training).toMatchObject({ warmupSteps: 7 });
  });

  it('names no other run than its values written out, nor than the same on another machine', () => {
    const written = {
      method: 'LoRA',
      lora: { ...presets.guide.lora, dropout: '0' },
      training: { ...presets.guide.training },
    };
    const spelled = {
      ...written.training,
      epochs: '3',
      learningRate: '2e-5',
      warmup: '0.1',
      skipKnown: '1',
      textWeight: '0',
    };
    const asFields = specOf({ method: 'LoRA', lora: written.lora, training: spelled });
    expect(decidingParameters(specOf({ preset: 'guide' }))).toEqual(decidingParameters(asFields));
    const onCpu = specOf({ preset: 'report', resources: { gpus: 0 } });
    expect(decidingParameters(onCpu)).toEqual(decidingParameters(specOf({ preset: 'report' })));
  });

  it('is one of those that the API knows', () => {
    const problem = fineTuneJob.spec.safeParse({ ...specOf(), preset: 'fast' }).error?.issues[0];
    expect(problem?.path).toEqual(['preset']);
  });
});
