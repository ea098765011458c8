import { fetchSummarySchema, generateSummarySchema } from '../../src/contract/result.ts';
import type { Success, WorkerName } from '../../src/contract/result.ts';
import { figuresAlone } from '../builders/pods.ts';

const artifact = (kind: string, letter: string) => ({
  uri: `pvc://doctune-artifacts/artifacts/${kind}/${letter.repeat(64)}`,
  digest: `sha256:${letter.repeat(64)}`,
  size: 1000,
});

const outcome = { version: 1, message: 'done', exitCode: 0 } as const;

const tagged = `sha256:${'e'.repeat(64)}`;

/** What each worker would write at its end. */
export const workerResults: { [W in WorkerName]: Success<W> } = {
  'fetch-documents': {
    ...outcome,
    reason: 'Fetched',
    artifact: artifact('documents', 'a'),
    summary: fetchSummarySchema.parse({
      revision: `main@sha1:${'b'.repeat(40)}`,
      documents: { total: 3, skipped: 1, byFormat: { markdown: 3 } },
    }),
  },
  'generate-dataset': {
    ...outcome,
    reason: 'Generated',
    artifact: artifact('datasets', 'b'),
    summary: generateSummarySchema.parse({
      rows: { train: 80, validation: 10, test: 10, recall: 16, rejected: 4, byReason: { DUPLICATE: 4 } },
      usage: { requests: 0, inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 },
      coverage: 0.75,
      chunks: { total: 40, done: 40 },
    }),
  },
  train: {
    ...outcome,
    reason: 'Trained',
    artifact: artifact('adapters', 'c'),
    summary: {
      step: 60,
      totalSteps: 60,
      epoch: 3,
      loss: 0.41,
      evalLoss: 0.52,
      evalRecallLoss: 0.5,
      evalUnseenLoss: 2.1,
      evalTokenAccuracy: 0.5,
      perplexity: 1.68,
      startup: {},
      tokensPerSecond: 310.5,
      trainableParameters: { count: 4_884_480, percent: 3.5 },
      method: { chosen: 'LoRA', reason: null },
      learningRate: 0.0002,
      memory: { device: 'host', peakBytes: 3_300_000_000, capacityBytes: 8_000_000_000 },
      baseModelRevision: 'sha256:1',
      overfitting: { verdict: 'none', step: null, rise: null, advice: [] },
      exports: [],
      checkpoint: { uri: 'pvc://doctune-artifacts/runs/x/checkpoint-60', step: 60 },
      published: null,
      ladder: [],
      warnings: [],
    },
  },
  evaluate: {
    ...outcome,
    reason: 'Evaluated',
    artifact: artifact('evaluations', 'd'),
    summary: {
      settings: ['default'],
      results: [
        ['bleu', 'recall', 0, 1.6, 20.4, 18.8, 11.2, 26.9, 40, 0.002, 'Better'],
        ['perplexity', 'test', 0, 16, 34, 1.1, 0.9, 1.3, 40, 0.002, 'Worse'],
      ],
      degenerate: { base: 0, tuned: 0 },
      contaminated: {},
      ...figuresAlone,
      report: { uri: artifact('evaluations', 'd').uri, digest: artifact('evaluations', 'd').digest },
    },
  },
  tag: { ...outcome, reason: 'Moved', summary: { digest: tagged, former: null } },
};
