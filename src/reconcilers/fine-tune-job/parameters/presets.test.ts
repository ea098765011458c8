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

interface Source {
  method: string;
  rankAlphaDropout: string;
  targets: string;
  learningRate: string;
  schedule: string;
  batchAccumulation: string;
  epochs: string;
  precision: string;
  other: readonly string[];
}

/** What the five sources publish, in their words. A preset is read against it, so it repeats none of ours. */
const sources: Readonly<Record<Preset, Source>> = {
  thesis: {
    method: 'QLoRA',
    rankAlphaDropout: '64 / 16 / 0',
    targets: 'all-linear',
    learningRate: '2e-4',
    schedule: 'cosine',
    batchAccumulation: '1 x 4',
    epochs: '3',
    precision: 'bf16',
    other: ['weight decay .01', 'AdamW', 'generator temperature .9', 'generator max tokens 4096'],
  },
  report: {
    method: 'LoRA',
    rankAlphaDropout: '8 / 32 / .05',
    targets: 'q,v',
    learningRate: '5e-5',
    schedule: 'constant',
    batchAccumulation: '2 x 1',
    epochs: '5',
    precision: 'fp16',
    other: ['source/target lengths 512/128', '1043 evaluation rows'],
  },
  'overfit-aware': {
    method: 'LoRA',
    rankAlphaDropout: '8 / 32 / .2',
    targets: 'q,v',
    learningRate: '1e-4',
    schedule: 'cosine, ratio .1',
    batchAccumulation: '4 x 4',
    epochs: '30, early stop 3',
    precision: 'fp16, fp32 on CPU',
    other: [
      ...['weight decay .01', 'paged_adamw_8bit', 'max length 512', 'keep 3', 'best model by eval_loss'],
      ...['split 8:2', 'seed 42'],
    ],
  },
  deepseek: {
    method: 'LoRA',
    rankAlphaDropout: '16 / 32 / 0',
    targets: 'all-linear',
    learningRate: '3e-4',
    schedule: 'cosine, 100 steps',
    batchAccumulation: '8 x 4',
    epochs: '3, early stop 3',
    precision: 'fp16',
    other: [
      ...['freeze first 5 layers', 'max_grad_norm 1.0', 'logging 50', 'save 500', 'eval 500', 'split 8:1:1'],
      'domain weight .7',
    ],
  },
  guide: {
    method: 'LoRA',
    rankAlphaDropout: '8 / 16 / 0',
    targets: 'q,v',
    learningRate: '2e-5',
    schedule: 'cosine, ratio .1',
    batchAccumulation: '4 x 8',
    epochs: '3',
    precision: 'auto',
    other: ['progressive unfreezing', '<100k rows PEFT, 100k-1M partial, >1M full'],
  },
};

type Reading = readonly [field: string, value: unknown];
const elsewhere = 'elsewhere';

/** Where each further fact is to be found; `elsewhere` is what another object has, or every run does. */
const readings: Readonly<Record<string, Reading | typeof elsewhere>> = {
  'weight decay .01': ['training.weightDecay', 0.01],
  AdamW: ['training.optimizer', 'AdamW'],
  paged_adamw_8bit: ['training.optimizer', 'PagedAdamW8bit'],
  'source/target lengths 512/128': ['training.maxLength', 512 + 128],
  'max length 512': ['training.maxLength', 512],
  'keep 3': ['checkpoint.keep', 3],
  'seed 42': ['training.seed', 42],
  'freeze first 5 layers': ['lora.skipLayers', 5],
  'max_grad_norm 1.0': ['training.maxGradNorm', 1],
  'logging 50': ['training.loggingSteps', 50],
  'save 500': ['checkpoint.everySteps', 500],
  'eval 500': ['training.evalSteps', 500],
  'domain weight .7': ['training.domainWeight', 0.7],
  // the source has no number: so all layers of usual models are trained before its smallest such run ends
  'progressive unfreezing': ['freeze.unfreezeEverySteps', 500],
  // which is LoRA below 100,000 rows
  '<100k rows PEFT, 100k-1M partial, >1M full': ['method', 'Auto'],
  'split 8:2': elsewhere,
  'split 8:1:1': elsewhere,
  'generator temperature .9': elsewhere,
  'generator max tokens 4096': elsewhere,
  '1043 evaluation rows': elsewhere,
  'best model by eval_loss': elsewhere,
};

const numbers = (text: string): number[] => (text.match(/[0-9]*\.?[0-9]+/g) ?? []).map(Number);

function warmupOf(schedule: string): Reading[] {
  const [amount] = numbers(schedule);
  if (schedule.startsWith('constant')) return [['training.warmup', 0]];
  if (amount === undefined) return [];
  return [schedule.includes('steps') ? ['training.warmupSteps', amount] : ['training.warmup', amount]];
}

function expected(source: Source): Reading[] {
  const [rank, alpha, dropout] = numbers(source.rankAlphaDropout);
  const [batch, accumulation] = numbers(source.batchAccumulation);
  const [epochs, patience] = numbers(source.epochs);
  const further = source.other.map((fact) => readings[fact]).filter((one): one is Reading => typeof one === 'object');
  return [
    ...(further.some(([field]) => field === 'method') ? [] : [['method', source.method] as const]),
    ['lora.rank', rank],
    ['lora.alpha', alpha],
    ['lora.dropout', dropout],
    ['lora.targetModules', source.targets === 'q,v' ? ['q_proj', 'v_proj'] : [source.targets]],
    ['training.learningRate', Number(source.learningRate)],
    ['training.scheduler', source.schedule.split(',')[0]],
    ...warmupOf(source.schedule),
    ['training.perDeviceBatchSize', batch],
    ['training.gradientAccumulationSteps', accumulation],
    ['training.epochs', epochs],
    ['earlyStopping', patience === undefined ? null : { patience, minDelta: 0 }],
    ['training.precision', source.precision.split(',')[0]],
    ...further,
    // no source leaves a token out, or trains on text beside its rows
    ['training.skipKnown', 1],
    ['training.textWeight', 0],
  ];
}

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
  it.each(names.flatMap((name) => expected(sources[name]).map((row) => [name, ...row] as const)))(
    '%s has %s %j, as its source',
    (name, field, value) => {
      expect(at(ofPreset(name), field)).toEqual(value);
    },
  );

  it.each(names)('%s leaves no fact of its source unread', (name) => {
    expect(sources[name].other.filter((fact) => readings[fact] === undefined)).toEqual([]);
  });

  it.each(names)('%s sets nothing that its source does not say', (name) => {
    const said = expected(sources[name]).map(([field]) => field);
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

  it.each(names)('%s is refused as an object where its values do not go with what stands beside it', (preset) => {
    const isRefused = (spec: Record<string, unknown>) =>
      !fineTuneJob.spec.safeParse({ ...aFineTuneJob().spec, preset, ...spec }).success;
    for (const gpus of [0, 1]) {
      const resources = { gpus };
      expect(isRefused({ resources, lora: { init: 'pissa' } })).toBe(
        ofPreset(preset, { resources }).method === 'QLoRA',
      );
    }
    const resources = { gpus: 2 };
    const { method, training } = ofPreset(preset, { resources });
    const isShareable = method !== 'QLoRA' && !training.optimizer.endsWith('8bit');
    expect(isRefused({ resources, distributed: { strategy: 'FSDP2' } })).toBe(!isShareable);
  });

  it('that unfreezes layers leaves that out where several processes train, which cannot do it together', () => {
    expect(ofPreset('guide', { resources: { gpus: 2 } }).freeze.unfreezeEverySteps).toBeNull();
    expect(ofPreset('guide', { resources: { gpus: 1, nodes: 2 } }).freeze.unfreezeEverySteps).toBeNull();
    const asked = { resources: { gpus: 2 }, freeze: { unfreezeEverySteps: 9 } };
    expect(ofPreset('guide', asked).freeze.unfreezeEverySteps).toBe(9);
  });

  it('that unfreezes layers each so many steps gives way to stages that unfreeze them', () => {
    const stages = [{ type: 'Sft' }, { type: 'Sft', unfreeze: 2 }];
    expect(ofPreset('guide', { method: 'Freeze', stages }).freeze.unfreezeEverySteps).toBeNull();
    expect(ofPreset('guide', { method: 'Freeze', stages: [{ type: 'Sft' }] }).freeze.unfreezeEverySteps).toBe(500);
  });

  it('with general rows asks a dataset for them only where the spec itself does', () => {
    expect(ofPreset('deepseek').training.isDomainWeightOptional).toBe(true);
    expect(ofPreset('deepseek', { training: { domainWeight: '0.7' } }).training.isDomainWeightOptional).toBe(false);
    expect(ofPreset('thesis').training.isDomainWeightOptional).toBe(false);
    expect(decidingParameters(specOf({ preset: 'deepseek' }))).toEqual(
      decidingParameters(specOf({ preset: 'deepseek', training: { domainWeight: '0.7' } })),
    );
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
      freeze: presets.guide.freeze,
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
    const asFields = specOf({ ...written, training: spelled });
    expect(decidingParameters(specOf({ preset: 'guide' }))).toEqual(decidingParameters(asFields));
    const onCpu = specOf({ preset: 'report', resources: { gpus: 0 } });
    expect(decidingParameters(onCpu)).toEqual(decidingParameters(specOf({ preset: 'report' })));
  });

  it('is one of those that the API knows', () => {
    const problem = fineTuneJob.spec.safeParse({ ...specOf(), preset: 'fast' }).error?.issues[0];
    expect(problem?.path).toEqual(['preset']);
  });
});
