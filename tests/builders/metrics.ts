import type { Dataset, DocSource, Evaluation, FineTuneJob } from '../../src/api/v1alpha1/index.ts';
import { generateMetrics, labelledMetrics } from '../../src/contract/progress.ts';
import { series } from '../../src/reconcilers/metrics.ts';
import { aDataset, aDocSource, aFineTuneJob, anArtifact, anEvaluation } from './objects.ts';

const running = (device: 'gpu' | 'host', name: string): FineTuneJob => ({
  ...aFineTuneJob({}, name),
  status: {
    phase: 'Running',
    training: {
      step: 3,
      totalSteps: 9,
      loss: '1.5',
      evalLoss: '1.6',
      learningRate: '0.0002',
      tokensPerSecond: '120',
      tokens: 900,
      paddingShare: '0.1',
      ...(device === 'gpu' ? { mfu: '0.3', gpuUtilization: '0.9' } : {}),
    },
    memory: { device, usedBytes: 1e9, peakBytes: 2e9 },
    progress: { percent: 33 },
    trainerStatus: { lastUpdatedTime: '2026-11-22T12:00:00Z', metrics: [] },
  },
});

const counted = (): Dataset => ({
  ...aDataset(),
  status: {
    rows: { train: 80, validation: 10, test: 10, recall: 9, rejected: 1, total: 109, byReason: { NO_EVIDENCE: 1 } },
    usage: { requests: 1, inputTokens: 3, cachedInputTokens: 0, outputTokens: 2, totalTokens: 5, cost: '0.1' },
    coverage: '0.9',
    acceptRate: '0.8',
    trainerStatus: {
      lastUpdatedTime: '2026-11-22T12:00:00Z',
      metrics: [
        ...Object.values(generateMetrics),
        `${labelledMetrics.rejected}.NO_EVIDENCE`,
        `${labelledMetrics.retries}.rate-limited`,
      ].map((name) => ({ name, value: '1' })),
    },
  },
});

const fetched = (): DocSource => ({
  ...aDocSource(),
  status: {
    documents: {
      total: 2,
      skipped: 1,
      byFormat: { markdown: 2 },
      bySkipReason: { Binary: 1 },
      redactions: { secrets: 1, personalData: 2 },
    },
  },
});

function measured(): Evaluation {
  const evaluation = anEvaluation();
  const setting = evaluation.spec.settings[0]!.name;
  const result = { metric: 'bleu', split: 'recall', setting, base: '2', tuned: '30', delta: '28' } as const;
  const time = '2026-11-22T12:00:00Z';
  const artifact = anArtifact('adapters', 'a');
  return {
    ...evaluation,
    status: {
      results: [{ ...result, samples: 64, verdict: 'Better' }],
      gate: { passed: true, verdict: 'Passed', failedRules: [] },
      promoted: { artifact, since: time },
      history: [{ run: 'one', time, artifact, verdict: 'Passed', promoted: true }],
      conditions: [{ type: 'Tagged', status: 'True', reason: 'Moved', message: '', lastTransitionTime: time }],
    },
  };
}

/** Domain metrics that the operator exports for objects with all figures, with the labels of each. */
export function exportedMetrics(): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const fineTuneJobs = [running('gpu', 'on-gpu'), running('host', 'on-host')];
  const objects = { docSources: [fetched()], datasets: [counted()], fineTuneJobs, evaluations: [measured()] };
  for (const { name, labels } of series(objects))
    found.set(name, new Set([...(found.get(name) ?? []), ...Object.keys(labels)]));
  return found;
}
