import { expect, it } from 'vitest';
import { fineTuneJob } from '../../api/v1alpha1/index.ts';
import { progressSchema } from '../../contract/progress.ts';
import type { ProgressReport } from '../../contract/progress.ts';
import { progressStatus as datasetProgress } from '../dataset/progress.ts';
import { progressStatus } from '../fine-tune-job/progress.ts';

const report = (metrics: Record<string, string | number>, progressPercentage?: number): ProgressReport =>
  progressSchema.parse({
    trainerStatus: {
      progressPercentage,
      estimatedRemainingSeconds: 60,
      metrics: Object.entries(metrics).map(([name, value]) => ({ name, value })),
      lastUpdatedTime: '2026-11-22T12:00:00+02:00',
    },
  });

const first = report(
  { step: 10, total_steps: 60, loss: '2.3456789', learning_rate: 2e-4, gpu_memory_bytes: 21.4 * 2 ** 30 },
  16,
);
const second = report({ eval_loss: 1.9, gpu_memory_bytes: 'nan' });

it('a report becomes typed figures, and is kept as it came', () => {
  const status = progressStatus(first, { run: 'run-1', before: undefined });
  expect(status).toMatchObject({
    trainerStatus: { run: 'run-1', progressPercentage: 16, lastUpdatedTime: '2026-11-22T10:00:00.000Z' },
    progress: { percent: 16, remainingSeconds: 60 },
    training: { step: 10, totalSteps: 60, loss: '2.34568', learningRate: '0.0002' },
    memory: { device: 'gpu', summary: '21.4Gi gpu' },
  });
  expect(fineTuneJob.status.safeParse(status).error).toBeUndefined();
});

it('a figure that a later report of the run does not repeat stays', () => {
  const before = progressStatus(first, { run: 'run-1', before: undefined });
  const status = progressStatus(second, { run: 'run-1', before });
  expect(status.training).toMatchObject({ loss: '2.34568', evalLoss: '1.9', step: 10 });
  expect(status.memory).toEqual(before.memory);
  expect(status.progress?.percent).toBe(16);
});

it('the names of the callback of transformers are understood, and those of the contract go before them', () => {
  const context = { run: 'run-1', before: undefined };
  const alone = progressStatus(report({ current_step: 12, total_steps: 90, current_epoch: 0.13 }), context);
  expect(alone.training).toEqual({ step: 12, totalSteps: 90, epoch: '0.13' });
  const both = progressStatus(report({ step: 14, epoch: 0.4, current_step: 12, current_epoch: 0.13 }), context);
  expect(both.training).toEqual({ step: 14, epoch: '0.4' });
});

it('figures of another run are not taken over', () => {
  const before = progressStatus(first, { run: 'run-1', before: undefined });
  const status = progressStatus(second, { run: 'run-2', before });
  expect(status.training).toEqual({ evalLoss: '1.9' });
  expect(status.memory).toBeUndefined();
});

it('a run without a GPU reports the memory of the host under its own name', () => {
  const { memory } = progressStatus(report({ host_memory_bytes: 2 ** 31, host_memory_peak_bytes: 2 ** 32 }), {
    run: 'run-1',
    before: undefined,
  });
  expect(memory).toEqual({ device: 'host', usedBytes: 2 ** 31, peakBytes: 2 ** 32, summary: '2.0Gi host' });
});

it('a dataset counts chunks, rows and tokens', () => {
  const status = datasetProgress(
    report({ chunks_done: 3, chunks_total: 9, input_tokens: 100, output_tokens: 20 }, 33),
    {
      run: 'run-1',
      before: undefined,
    },
  );
  expect(status.progress).toEqual({ percent: 33, remainingSeconds: 60, chunksDone: 3, chunksTotal: 9, tokens: 120 });
});
