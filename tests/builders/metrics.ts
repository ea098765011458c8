import type { Dataset, Evaluation, FineTuneJob } from '../../src/api/v1alpha1/index.ts';
import { series } from '../../src/reconcilers/metrics.ts';
import { aDataset, aFineTuneJob, anEvaluation } from './objects.ts';

const running = (device: 'gpu' | 'host', name: string): FineTuneJob => ({
  ...aFineTuneJob({}, name),
  status: {
    phase: 'Running',
    training: { step: 3, totalSteps: 9, loss: '1.5', evalLoss: '1.6', learningRate: '0.0002', tokensPerSecond: '120' },
    memory: { device, usedBytes: 1e9, peakBytes: 2e9 },
    progress: { percent: 33 },
    trainerStatus: { lastUpdatedTime: '2026-11-22T12:00:00Z', metrics: [] },
  },
});

const counted = (): Dataset => ({
  ...aDataset(),
  status: {
    rows: { train: 80, validation: 10, test: 10, recall: 9, rejected: 1, total: 109, byReason: { NO_EVIDENCE: 1 } },
    usage: { requests: 1, inputTokens: 3, cachedInputTokens: 0, outputTokens: 2, totalTokens: 5 },
  },
});

function measured(): Evaluation {
  const evaluation = anEvaluation();
  const setting = evaluation.spec.settings[0]!.name;
  const result = { metric: 'bleu', split: 'recall', setting, base: '2', tuned: '30', delta: '28' } as const;
  return { ...evaluation, status: { results: [{ ...result, samples: 64, verdict: 'Better' }] } };
}

/** Domain metrics that the operator exports for objects with all figures, with the labels of each. */
export function exportedMetrics(): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const fineTuneJobs = [running('gpu', 'on-gpu'), running('host', 'on-host')];
  const objects = { docSources: [], datasets: [counted()], fineTuneJobs, evaluations: [measured()] };
  for (const { name, labels } of series(objects))
    found.set(name, new Set([...(found.get(name) ?? []), ...Object.keys(labels)]));
  return found;
}
