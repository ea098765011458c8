import { series } from '../../src/reconcilers/metrics.ts';
import { aFineTuneJob } from './objects.ts';

const running = (device: 'gpu' | 'host', name: string) => ({
  ...aFineTuneJob({}, name),
  status: {
    phase: 'Running' as const,
    training: { step: 3, totalSteps: 9, loss: '1.5', evalLoss: '1.6', learningRate: '0.0002', tokensPerSecond: '120' },
    memory: { device, usedBytes: 1e9, peakBytes: 2e9 },
    progress: { percent: 33 },
    trainerStatus: { lastUpdatedTime: '2026-11-22T12:00:00Z', metrics: [] },
  },
});

/** Domain metrics that the operator exports for runs with all figures, with the labels of each. */
export function exportedMetrics(): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const fineTuneJobs = [running('gpu', 'on-gpu'), running('host', 'on-host')];
  for (const { name, labels } of series({ docSources: [], datasets: [], evaluations: [], fineTuneJobs }))
    found.set(name, new Set([...(found.get(name) ?? []), ...Object.keys(labels)]));
  return found;
}
