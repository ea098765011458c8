import { describe, expect, it } from 'vitest';
import { aDataset, aFineTuneJob, generated, settings } from '../../../tests/builders/objects.ts';
import { Scene, decision, settle } from '../../../tests/builders/plans.ts';
import { trainResult } from '../../../tests/builders/pods.ts';
import type { FineTuneJob, FineTuneJobStatus } from '../../api/v1alpha1/index.ts';
import { configMaps } from '../../controller/kinds.ts';
import type { ConfigMap } from '../../controller/kinds.ts';
import exitCodes from '../../contract/exit-codes.json' with { type: 'json' };
import { fineTuneJobReconciler, progressStatus } from './index.ts';

function running(spec: Record<string, unknown> = {}): Scene<FineTuneJob> {
  const scene = new Scene<FineTuneJob>(fineTuneJobReconciler(settings), aFineTuneJob(spec));
  scene.world.put(generated(aDataset(), 'rows'));
  scene.reconcile();
  scene.pods.running();
  scene.reconcile();
  return scene;
}

/** A report of the trainer at this moment, as the progress server writes it. */
function report(scene: Scene<FineTuneJob>, more: Record<string, number> = {}): void {
  const { object } = scene;
  const lastUpdatedTime = scene.world.now().toISOString();
  const context = { run: scene.pods.job().metadata.name, before: object.status };
  const metrics = Object.entries({ step: 7, ...more }).map(([name, value]) => ({ name, value }));
  const told = progressStatus({ trainerStatus: { metrics, lastUpdatedTime } }, context);
  scene.world.put({ ...object, status: { ...object.status, ...told } });
}

describe('[25] a run of which nothing is heard', () => {
  const waited = (seconds: number, spec = {}): Scene<FineTuneJob> => {
    const scene = running(spec);
    report(scene);
    scene.world.wait(seconds);
    return scene;
  };

  it('is looked at again when its time is over, and not before', () => {
    expect(waited(1000).reconcile()).toMatchObject({ requeueAfterSeconds: 800 });
    expect(decision(waited(1799)).conditions).toEqual(['Running=True']);
  });

  it('is stalled, with what to look at and the field', () => {
    const scene = waited(1800);
    expect(decision(scene)).toMatchObject({
      says: 'progressing Training',
      phase: 'Running',
      conditions: ['Running=True', 'RunStalled=True'],
    });
    const said = scene.reconcile().conditions.find(({ type }) => type === 'RunStalled');
    expect(said?.reason).toBe('NoReports');
    expect(said?.message).toMatch(
      /since 2026-11-22T12:00:00.000Z, .* 1800 s of spec\.watchdog\.stallSeconds: see the log/,
    );
    settle(scene);
  });

  it('is stalled after the time that its spec gives it', () => {
    expect(decision(waited(60, { watchdog: { stallSeconds: 60 } })).conditions).toContain('RunStalled=True');
    expect(decision(waited(1800, { watchdog: { stallSeconds: 3600 } })).conditions).toEqual(['Running=True']);
  });

  it('is stalled no longer once a report comes', () => {
    const scene = waited(1800);
    scene.reconcile();
    expect(scene.object.status?.conditions?.map(({ type }) => type)).toContain('RunStalled');
    report(scene);
    scene.reconcile();
    expect(scene.object.status?.conditions?.map(({ type }) => type)).not.toContain('RunStalled');
  });

  it('has never reported: counted from the start of its pod, anew for each pod', () => {
    const scene = running();
    scene.world.wait(1800);
    expect(decision(scene).conditions).toContain('RunStalled=True');
    scene.pods.ended(60);
    scene.pods.running();
    expect(decision(scene).conditions).toEqual(['Running=True']);
  });
});

it('[4] a run that failed tells its last checkpoint and its best look, within the length of a message', () => {
  const scene = running();
  const left = { lastCheckpoint: 'step-500', best: { step: 400, loss: 1.28 } };
  scene.pods.failed(30, 'LossNotFinite', 'x'.repeat(1024), scene.pods.job(), left);
  settle(scene);
  const { message = '' } = scene.object.status?.run ?? {};
  expect(message).toMatch(/x; checkpoint "step-500" is saved; the best look was after step 400, loss 1\.28$/);
  expect(message).toHaveLength(1024);
});

describe('[4] each exit code of a worker', () => {
  const failures = Object.entries(exitCodes).filter(([name]) => name !== 'ok');

  it('has a reason of its own', () => {
    const reasons = failures.map(([, { reason }]) => reason);
    expect(new Set(reasons).size).toBe(failures.length);
    expect(reasons).not.toContain('WorkerFailed');
  });

  it.each(failures)('%s is told by its reason and meaning, though the worker said nothing', (_, exit) => {
    const scene = running();
    scene.pods.killed(exit.code, 'Error');
    const { says, message } = decision(scene);
    expect(says).toBe(`stalled ${exit.reason}`);
    if (exit.reason !== 'OutOfMemory') expect(message).toContain(`exit code ${exit.code} (${exit.meaning})`);
  });

  it.each(failures)('%s gives way to the words of the worker', (_, exit) => {
    const scene = running();
    scene.pods.failed(exit.code, 'SomethingPrecise', 'what the worker says');
    expect(decision(scene).says).toBe('stalled SomethingPrecise');
    settle(scene);
    expect(scene.object.status?.run?.exitCode).toBe(exit.code);
  });

  it('that none of ours has is a failure without a name', () => {
    const scene = running();
    scene.pods.killed(99, 'Error');
    expect(decision(scene)).toMatchObject({ says: 'stalled WorkerFailed' });
  });
});

it('[16] what was given up for want of memory, and a return to a checkpoint, are conditions that stay', () => {
  const scene = running();
  const result = trainResult('adapter');
  const warnings = [
    { reason: 'MemoryAdapted', message: 'memory ran out 2 times: set perDeviceBatchSize to 1' },
    { reason: 'RolledBack', message: 'the run went back to step 40: lower training.learningRate' },
  ];
  const ladder = ['MicroBatch', 'GradientCheckpointing'] as const;
  scene.pods.succeeded({ ...result, summary: { ...result.summary, ladder: [...ladder], warnings } });
  settle(scene);
  const conditions = scene.object.status?.conditions ?? [];
  expect(conditions.find(({ type }) => type === 'MemoryAdapted')?.message).toContain('set perDeviceBatchSize to 1');
  expect(conditions.find(({ type }) => type === 'RolledBack')?.message).toContain('step 40');
});

describe('[16] [17] [25] what a run has been through', () => {
  const adaptation = {
    ...{ memory_adaptations: 2, adapted_batch_size: 1, adapted_accumulation: 4, adapted_checkpointing: 1 },
  };
  const cases = [
    ['MemoryAdapted', adaptation, /2 times.*perDeviceBatchSize to 1, gradientAccumulationSteps to 4, gradientCheck/],
    ['MemoryAdapted', { memory_adaptations: 1 }, /lower training\.perDeviceBatchSize/],
    ['RolledBack', { rollbacks: 1, rollback_step: 40 }, /last to step 40, .*lower training\.learningRate/],
    ['GPUUnderused', { gpu_low_use: 0.4, gpu_waiting_share: 0.01 }, /used 40 % .*raise training\.perDeviceBatchSize/],
    [
      'GPUUnderused',
      { gpu_low_use: 0.4, gpu_waiting_share: 0.3 },
      /30 % of the time no batch is ready: .*resources\.cpu/,
    ],
  ] as const;
  const conditionOf = (scene: Scene<FineTuneJob>, type: string) =>
    scene.object.status?.conditions?.find((one) => one.type === type);

  it.each(cases)('%s is told while it goes on and after it failed: %j', (type, figures, message) => {
    const scene = running();
    expect(conditionOf(scene, type)).toBeUndefined();
    report(scene, figures);
    scene.reconcile();
    expect(conditionOf(scene, type)?.message).toMatch(message);
    scene.pods.failed(20, 'GpuOutOfMemory', 'the accelerator has not enough memory');
    settle(scene);
    expect(conditionOf(scene, 'Failed')?.reason).toBe('GpuOutOfMemory');
    expect(conditionOf(scene, type)?.message).toMatch(message);
  });

  it.each([
    [1, false],
    [4, true],
  ])('[25] with %i batches a step has advice that can be taken', (gradientAccumulationSteps, isNamed) => {
    const scene = running({ training: { gradientAccumulationSteps } });
    report(scene, { gpu_low_use: 0.4, gpu_waiting_share: 0.01 });
    scene.reconcile();
    const message = conditionOf(scene, 'GPUUnderused')?.message ?? '';
    expect(message).toContain('raise training.perDeviceBatchSize');
    expect(message.includes('gradientAccumulationSteps')).toBe(isNamed);
  });

  it('is not told of the next run', () => {
    const scene = running();
    report(scene, { rollbacks: 1, rollback_step: 40 });
    scene.pods.failed(30, 'LossNotFinite', 'the loss is not finite');
    settle(scene);
    scene.edit({ training: { learningRate: '1e-5' } });
    settle(scene);
    expect(scene.object.status?.run?.state).toBe('Running');
    expect(conditionOf(scene, 'RolledBack')).toBeUndefined();
  });

  it('is told once where its speed says the same', () => {
    const scene = running({ watchdog: { minThroughput: 1000 } });
    report(scene, { step: 20, tokens_per_second: 900, gpu_low_use: 0.4, gpu_waiting_share: 0 });
    scene.reconcile();
    const told = scene.object.status?.conditions?.filter(({ type }) => type === 'GPUUnderused');
    expect(told?.map(({ reason }) => reason)).toEqual(['GPUUnderused']);
  });
});

it('[C12] consent to a licence reaches the trainer, and is no input that trains again', () => {
  const scene = running();
  scene.pods.failed(12, 'LicenceNotAccepted', 'the base model is under "qwen-research"');
  settle(scene);
  const before = scene.object.status?.run?.name;
  const { baseModel } = scene.object.spec;
  scene.edit({ baseModel: { ...baseModel, acceptLicense: true } });
  settle(scene);
  expect(scene.object.status?.run).toMatchObject({ name: before, state: 'Running' });
  const input = scene.world.all<ConfigMap>(configMaps).find(({ metadata }) => metadata.name === before)?.data;
  expect(JSON.parse(input?.['input.json'] ?? '')).toMatchObject({ acceptLicense: true });
});

describe('[16] a run that trains fewer tokens a second than its spec wants', () => {
  const training = (figures: Record<string, unknown>) => ({ step: 20, tokensPerSecond: '900', ...figures });

  function at(
    minThroughput: number,
    figures: Record<string, unknown> = {},
    spec: Record<string, unknown> = { resources: { gpus: 1 } },
  ): Scene<FineTuneJob> {
    const scene = running({ watchdog: { minThroughput }, ...spec });
    const { object } = scene;
    const status = { ...object.status, training: training(figures) } as FineTuneJobStatus;
    scene.world.put<FineTuneJob>({ ...object, status });
    return scene;
  }
  const saysOf = (scene: Scene<FineTuneJob>) =>
    scene.world.plan(scene.reconciler, scene.object).conditions.find(({ type }) => type === 'GPUUnderused');

  it.each([
    [{ paddingShare: '0.4' }, /40 % of what is computed is padding: set training\.packing/],
    [{ gpuUtilization: '0.3' }, /the GPU idles: raise training\.perDeviceBatchSize/],
    [{ gpuUtilization: '0.95' }, /choose a faster GPU/],
    [{}, /^900 tokens a second are trained, spec\.watchdog\.minThroughput wants 1000/],
  ])('with %j says why', (figures, message) => {
    const said = saysOf(at(1000, figures));
    expect(said?.reason).toBe('ThroughputLow');
    expect(said?.message).toMatch(message);
  });

  const packed = { packing: true, perDeviceBatchSize: 4 };
  it.each([
    ['a CPU', { resources: { gpus: 0 } }, {}, 'raise resources.cpu, or set resources.gpus'],
    ['a GPU', { resources: { gpus: 1 } }, {}, 'choose a faster GPU'],
    ...['LoRA', 'QLoRA', 'DoRA', 'AdaLoRA', 'IA3'].map(
      (method) => [method, { method }, {}, 'choose a faster GPU, or name fewer layers in lora.targetModules'] as const,
    ),
    ...['PromptTuning', 'Freeze', 'Full'].map((method) => [method, { method }, {}, 'choose a faster GPU'] as const),
    [
      'checkpointing',
      { training: { gradientCheckpointing: true } },
      {},
      'choose a faster GPU, or switch training.gradientCheckpointing off',
    ],
    ['packing', { training: packed }, { paddingShare: '0.4' }, 'padding: lower training.perDeviceBatchSize'],
    [
      'packed single rows',
      { training: { ...packed, perDeviceBatchSize: 1 } },
      { paddingShare: '0.4' },
      'choose a faster GPU',
    ],
    [
      'prompt tuning',
      { method: 'PromptTuning' },
      { paddingShare: '0.4' },
      'padding: lower training.perDeviceBatchSize',
    ],
  ] as const)('[training 25] on %s has advice that can be taken', (_, spec, figures, advice) => {
    const said = saysOf(at(1000, figures, { resources: { gpus: 1 }, ...spec }));
    expect(said?.message.endsWith(`: ${advice}`) ?? false).toBe(!advice.startsWith('padding'));
    expect(said?.message).toContain(advice);
  });

  it.each([
    [900, {}],
    [1000, { step: 9 }],
    [1000, { tokensPerSecond: undefined }],
  ])('is none at %i with %j', (minThroughput, figures) => {
    expect(saysOf(at(minThroughput, figures))).toBeUndefined();
  });

  it('says so at its end as well, in the words of the trainer where it has some', () => {
    const scene = at(1000);
    const result = trainResult('adapter');
    const warnings = [{ reason: 'GPUUnderused', message: 'the GPU was used 20 %' }];
    scene.pods.succeeded({ ...result, summary: { ...result.summary, warnings } });
    expect(saysOf(scene)?.message).toBe('the GPU was used 20 %');
    settle(scene);
    expect(saysOf(scene)?.message).toBe('the GPU was used 20 %');
  });

  it('is no input of the training', () => {
    const name = (spec: Record<string, unknown>) => running(spec).pods.job().metadata.name;
    expect(name({ watchdog: { minThroughput: 1000 } })).toBe(name({}));
  });
});
