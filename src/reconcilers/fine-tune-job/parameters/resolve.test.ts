import { describe, expect, it } from 'vitest';
import { aFineTuneJob } from '../../../../tests/builders/objects.ts';
import { trainParametersSchema } from '../../../contract/inputs/train.ts';
import { defaults } from './defaults.ts';
import { decidingParameters, parametersOf } from './resolve.ts';

const specOf = (spec: Record<string, unknown> = {}) => aFineTuneJob(spec).spec;

describe('parameters of a training', () => {
  it('are the defaults where the spec says nothing', () => {
    expect(parametersOf(specOf())).toEqual(defaults);
  });

  it('keep the contract', () => {
    expect(trainParametersSchema.safeParse(defaults).error).toBeUndefined();
    expect(trainParametersSchema.safeParse(parametersOf(specOf({ earlyStopping: {} }))).error).toBeUndefined();
  });

  it('are what the spec says, decimals as numbers and lists whole', () => {
    const { lora, training, earlyStopping } = parametersOf(
      specOf({
        lora: { dropout: '0.1', targetModules: ['q_proj', 'v_proj'] },
        training: { learningRate: '5e-5', maxSteps: 7 },
        earlyStopping: { minDelta: '0.01' },
      }),
    );
    expect(lora).toEqual({ ...defaults.lora, dropout: 0.1, targetModules: ['q_proj', 'v_proj'] });
    expect(training).toEqual({ ...defaults.training, learningRate: 5e-5, maxSteps: 7 });
    expect(earlyStopping).toEqual({ patience: 3, minDelta: 0.01 });
    expect(parametersOf(specOf({ earlyStopping: { patience: 0 } })).earlyStopping).toBeNull();
  });

  it('[C35] [C36] have a longer context whole', () => {
    const scaled = parametersOf(specOf({ context: { ropeScaling: { type: 'Yarn', factor: '4' } } }));
    expect(scaled.context).toEqual({ ropeScaling: { type: 'Yarn', factor: 4 }, positions: null });
    const longer = parametersOf(specOf({ context: { positions: { length: 2048 } } }));
    expect(longer.context).toEqual({ ropeScaling: null, positions: { length: 2048, init: 'Interpolate' } });
    for (const parameters of [scaled, longer])
      expect(trainParametersSchema.safeParse(parameters).error).toBeUndefined();
  });

  it('[C48] have the run to go on from by its name, also where that looks like a number', () => {
    const parameters = parametersOf(specOf({ resumeFrom: { run: '1234567890123456' } }));
    expect(parameters.resumeFrom).toEqual({ run: '1234567890123456', step: null });
  });

  it('[training 12] have each stage whole, with its decimals as numbers', () => {
    const stages = [
      { type: 'Pretrain', maxSteps: 20 },
      { name: 'task', type: 'Sft', learningRate: '2e-4', epochs: '2' },
    ];
    const parameters = parametersOf(specOf({ stages }));
    const silent = {
      name: null,
      maxLength: null,
      learningRate: null,
      epochs: null,
      maxSteps: null,
      domainWeight: null,
      unfreeze: null,
    };
    expect(parameters.stages).toEqual([
      { ...silent, type: 'Pretrain', maxSteps: 20 },
      { ...silent, name: 'task', type: 'Sft', learningRate: 2e-4, epochs: 2 },
    ]);
    expect(trainParametersSchema.safeParse(parameters).error).toBeUndefined();
  });
});

describe('what decides an adapter', () => {
  it('is nothing where all is as by default, however it is written', () => {
    const written = { lora: { rank: 16, dropout: '0.0' }, training: { weightDecay: '0.010' } };
    expect(decidingParameters(specOf(written))).toEqual(decidingParameters(specOf()));
  });

  it('is not how often a run is saved or reported', () => {
    const often = { checkpoint: { everySteps: 2, keep: 9 }, training: { loggingSteps: 1 } };
    expect(decidingParameters(specOf(often))).toEqual(decidingParameters(specOf()));
  });

  it('is each parameter that differs, alone', () => {
    expect(decidingParameters(specOf({ lora: { rank: 64 } }))).toEqual({ lora: { rank: 64 } });
    expect(decidingParameters(specOf({ earlyStopping: {} }))).toEqual({ earlyStopping: { patience: 3, minDelta: 0 } });
  });
});
