import { expect, it } from 'vitest';
import { aDataset, aDocSource, aFineTuneJob, anArtifact, anEvaluation } from '../../tests/builders/objects.ts';
import type { EvaluationStatus, FineTuneJobStatus } from '../api/v1alpha1/index.ts';
import { series } from './metrics.ts';
import type { Objects } from './metrics.ts';

const none: Objects = { docSources: [], datasets: [], fineTuneJobs: [], evaluations: [] };

const lines = (objects: Partial<Objects>): string[] =>
  [...series({ ...none, ...objects })].map(({ name, labels, value }) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
    return `${name}{${pairs.join(',')}} ${value}`;
  });

const training = (memory: FineTuneJobStatus['memory']): FineTuneJobStatus => ({
  phase: 'Running',
  progress: { percent: 50 },
  training: { step: 30, loss: '1.5', evalLoss: '1.75', learningRate: '2e-4', tokensPerSecond: '800', tokens: 9000 },
  trainerStatus: { lastUpdatedTime: '2026-11-22T12:00:00Z' },
  ...(memory === undefined ? {} : { memory }),
});

it('a run has its figures, labelled by namespace and name alone', () => {
  const job = { ...aFineTuneJob(), status: training({ device: 'gpu', usedBytes: 10, peakBytes: 20 }) };
  const labels = '{namespace="docs",name="quickstart"}';
  expect(lines({ fineTuneJobs: [job] })).toEqual([
    'doctune_object_ready{kind="FineTuneJob",namespace="docs",name="quickstart"} 0',
    'doctune_object_phase{kind="FineTuneJob",namespace="docs",name="quickstart",phase="Running"} 1',
    `doctune_training_loss${labels} 1.5`,
    `doctune_training_eval_loss${labels} 1.75`,
    `doctune_training_learning_rate${labels} 0.0002`,
    `doctune_training_tokens_per_second${labels} 800`,
    `doctune_training_tokens${labels} 9000`,
    `doctune_training_progress_ratio${labels} 0.5`,
    `doctune_training_step${labels} 30`,
    `doctune_training_gpu_memory_bytes${labels} 10`,
    `doctune_training_gpu_memory_peak_bytes${labels} 20`,
    `doctune_training_last_report_timestamp_seconds${labels} 1795348800`,
    `doctune_training_stalled${labels} 0`,
  ]);
});

it('a run under way that has the condition RunStalled is stalled, one that has ended is not', () => {
  const condition = { type: 'RunStalled', status: 'True' as const, reason: 'NoReports', message: 'nothing was heard' };
  const conditions = [{ ...condition, lastTransitionTime: '2026-11-22T12:00:00Z', observedGeneration: 1 }];
  const told = (phase: 'Running' | 'Ready') =>
    lines({ fineTuneJobs: [{ ...aFineTuneJob(), status: { phase, conditions } }] }).join();
  expect(told('Running')).toContain('doctune_training_stalled{namespace="docs",name="quickstart"} 1');
  expect(told('Ready')).not.toContain('doctune_training_stalled');
});

it('memory of the host is never called memory of a GPU', () => {
  const job = { ...aFineTuneJob(), status: training({ device: 'host', usedBytes: 10, peakBytes: 20 }) };
  const names = lines({ fineTuneJobs: [job] }).join();
  expect(names).toContain('doctune_training_host_memory_bytes');
  expect(names).not.toContain('gpu');
});

it('an object without a status has no figures, and is not ready', () => {
  expect(lines({ docSources: [aDocSource()] })).toEqual([
    'doctune_object_ready{kind="DocSource",namespace="docs",name="quickstart"} 0',
  ]);
});

it('a dataset has its rows by split and its tokens', () => {
  const rows = { total: 100, train: 70, validation: 10, test: 10, recall: 10, rejected: 5, byReason: {} };
  const usage = { requests: 1, inputTokens: 1, cachedInputTokens: 0, outputTokens: 1, totalTokens: 2 };
  const found = lines({ datasets: [{ ...aDataset(), status: { rows, usage } }] });
  expect(found).toContain('doctune_dataset_rows{namespace="docs",name="quickstart",split="recall"} 10');
  expect(found).toContain('doctune_dataset_tokens{namespace="docs",name="quickstart"} 2');
});

it('a run of a dataset has the figures of its last report, by reason and class too', () => {
  const trainerStatus = {
    lastUpdatedTime: '2026-11-22T12:00:00Z',
    metrics: [
      { name: 'chunks_done', value: '4' },
      { name: 'rows_rejected', value: '3' },
      { name: 'rows_rejected.NO_EVIDENCE', value: '2' },
      { name: 'retries.rate-limited', value: '5' },
      { name: 'cost', value: '0.25' },
      { name: 'something_else', value: '1' },
    ],
  };
  const own = 'namespace="docs",name="quickstart"';
  expect(lines({ datasets: [{ ...aDataset(), status: { trainerStatus } }] }).slice(1)).toEqual([
    `doctune_dataset_run_chunks{${own},state="done"} 4`,
    `doctune_dataset_run_rows{${own},state="rejected"} 3`,
    `doctune_dataset_run_cost{${own}} 0.25`,
    `doctune_dataset_run_rejected_rows{${own},reason="NO_EVIDENCE"} 2`,
    `doctune_dataset_run_retries{${own},class="rate-limited"} 5`,
  ]);
});

it('an evaluation has the figures of its first setting', () => {
  const result = { metric: 'bleu', split: 'recall', samples: 64, verdict: 'Better' } as const;
  const results = [
    { ...result, setting: 'default', base: '5', tuned: '25', delta: '20' },
    { ...result, setting: 'long', base: '6' },
  ];
  const labels = '{namespace="docs",name="quickstart",metric="bleu",split="recall"}';
  expect(lines({ evaluations: [{ ...anEvaluation(), status: { results } }] }).slice(1)).toEqual([
    `doctune_evaluation_base${labels} 5`,
    `doctune_evaluation_tuned${labels} 25`,
    `doctune_evaluation_delta${labels} 20`,
  ]);
});

it('[20] a line of models has its verdicts, and the age of what is promoted', () => {
  const time = '2026-11-22T12:00:00Z';
  const artifact = anArtifact('adapters', 'a');
  const past = (run: string, verdict: 'Passed' | 'Failed') => ({ run, time, artifact, verdict, promoted: false });
  const status: EvaluationStatus = {
    gate: { passed: false, verdict: 'Failed', failedRules: [] },
    history: [past('c', 'Failed'), past('b', 'Failed'), past('a', 'Passed')],
    promoted: { artifact, since: time },
  };
  const labels = 'namespace="docs",name="quickstart"';
  expect(lines({ evaluations: [{ ...anEvaluation(), status }] }).slice(1)).toEqual([
    `doctune_evaluation_verdict{${labels},verdict="Failed"} 1`,
    `doctune_evaluation_runs{${labels},verdict="Failed"} 2`,
    `doctune_evaluation_runs{${labels},verdict="Passed"} 1`,
    `doctune_evaluation_promoted_timestamp_seconds{${labels}} ${Date.parse(time) / 1000}`,
    `doctune_evaluation_rolled_back{${labels}} 0`,
  ]);
  const rollback = { to: 'a', time, held: [] };
  expect(lines({ evaluations: [{ ...anEvaluation(), status: { ...status, rollback } }] })).toContain(
    `doctune_evaluation_rolled_back{${labels}} 1`,
  );
});

it.each([
  ['True', 1],
  ['False', 0],
  ['Unknown', 0],
] as const)('[17] a tag whose condition is %s tells %i', (status, value) => {
  const condition = {
    type: 'Tagged',
    status,
    reason: 'Moved',
    message: '',
    lastTransitionTime: '2026-11-22T12:00:00Z',
  };
  const told = lines({ evaluations: [{ ...anEvaluation(), status: { conditions: [condition] } }] });
  expect(told).toContain(`doctune_evaluation_tagged{namespace="docs",name="quickstart"} ${value}`);
  expect(lines({ evaluations: [anEvaluation()] }).join()).not.toContain('doctune_evaluation_tagged');
});
