import type { Dataset, DocSource, Evaluation, FineTuneJob } from '../api/v1alpha1/index.ts';
import type { Condition } from '../api/v1alpha1/index.ts';
import { generateMetrics, labelledMetrics } from '../contract/progress.ts';
import type { Series } from '../controller/metrics.ts';

/** The objects of all kinds, as the caches have them. */
export interface Objects {
  docSources: readonly DocSource[];
  datasets: readonly Dataset[];
  fineTuneJobs: readonly FineTuneJob[];
  evaluations: readonly Evaluation[];
}

interface Any {
  kind: string;
  metadata: { name: string; namespace?: string };
  status?: { phase?: string | undefined; conditions?: Condition[] | undefined };
}

const helps = {
  doctune_object_ready: 'Whether the condition Ready of an object is True',
  doctune_object_phase: '1 for the phase that an object is in',
  doctune_training_loss: 'Training loss of the last report',
  doctune_training_eval_loss: 'Loss on the validation rows',
  doctune_training_learning_rate: 'Learning rate of the last step',
  doctune_training_tokens_per_second: 'Trained tokens per second',
  doctune_training_tokens: 'Tokens that were trained so far, without padding',
  doctune_training_padding_ratio: 'Share of the places in all batches that is padding, 0 to 1',
  doctune_training_mfu_ratio: 'Share of the arithmetic of the GPU that the training uses, 0 to 1',
  doctune_training_gpu_utilization_ratio: 'Share of the time in which the GPU was at work, 0 to 1',
  doctune_training_progress_ratio: 'Progress of the run, 0 to 1',
  doctune_training_step: 'Steps that are done',
  doctune_training_gpu_memory_bytes: 'GPU memory in use at the last report',
  doctune_training_gpu_memory_peak_bytes: 'The most GPU memory that was in use',
  doctune_training_host_memory_bytes: 'Host memory in use at the last report, of a run without GPU',
  doctune_training_host_memory_peak_bytes: 'The most host memory that was in use, of a run without GPU',
  doctune_training_last_report_timestamp_seconds: 'When the trainer wrote its last report',
  doctune_training_stalled: '1 while a run under way has been silent for longer than its spec allows',
  doctune_dataset_rows: 'Rows of the dataset, by split',
  doctune_dataset_tokens: 'Tokens that the dataset cost',
  doctune_dataset_cost: 'Money that the dataset cost, in the currency of spec.budget.prices',
  doctune_dataset_coverage_ratio: 'Share of the usable chunks with at least one row, 0 to 1',
  doctune_dataset_accept_ratio: 'Share of accepted rows among all that were made, 0 to 1',
  doctune_dataset_rejected_rows: 'Rows that were turned down, by reason',
  doctune_dataset_run_chunks: 'Chunks of the run under way or the latest one, by state: done, failed or total',
  doctune_dataset_run_rows: 'Rows of the run under way or the latest one, by state: planned, accepted or rejected',
  doctune_dataset_run_rejected_rows: 'Rows that the run under way or the latest one turned down, by reason',
  doctune_dataset_run_requests: 'Requests of the run, by state: done, in_flight, queued or cache_hit',
  doctune_dataset_run_retries: 'Requests of the run that were sent again, by class of the trouble',
  doctune_dataset_run_tokens: 'Tokens of the run, by kind: input, cached_input or output',
  doctune_dataset_run_latency_seconds: 'Seconds that 50 or 95 of 100 answers of the run took at most',
  doctune_dataset_run_cost: 'Money that the run under way or the latest one has cost so far',
  doctune_docsource_documents: 'Documents of the artifact',
  doctune_docsource_skipped_documents: 'Files that were left out, by reason',
  doctune_docsource_redactions: 'Pieces taken out of documents, by kind: secret or personal_data',
  doctune_evaluation_base: 'Value of the base model, in the first setting',
  doctune_evaluation_tuned: 'Value of the tuned model, in the first setting',
  doctune_evaluation_delta: 'Tuned minus base, in the first setting; for perplexity the relative change',
  doctune_evaluation_verdict: '1 for what the gate says of the newest results',
  doctune_evaluation_runs: 'Runs of status.history, by what the gate said of them',
  doctune_evaluation_promoted_timestamp_seconds: 'When the promoted adapter was promoted',
  doctune_evaluation_rolled_back: '1 while a rollback is in force',
  doctune_evaluation_tagged: '1 when the tag of spec.promotion.oci names the promoted adapter',
} as const;
type Name = keyof typeof helps;
type Labels = Readonly<Record<string, string>>;

const labelsOf = ({ metadata }: Pick<Any, 'metadata'>): Labels => ({
  namespace: metadata.namespace ?? '',
  name: metadata.name,
});

/** A sample, or nothing where there is no figure. */
function sample(name: Name, labels: Labels, value: string | number | undefined): Series[] {
  const number = Number(value);
  return value === undefined || !Number.isFinite(number) ? [] : [{ name, help: helps[name], labels, value: number }];
}

function objectSeries(object: Any): Series[] {
  const labels = { kind: object.kind, ...labelsOf(object) };
  const { conditions, phase } = object.status ?? {};
  const isReady = conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
  return [
    ...sample('doctune_object_ready', labels, isReady ? 1 : 0),
    ...(phase === undefined ? [] : sample('doctune_object_phase', { ...labels, phase }, 1)),
  ];
}

/** Of a run under way: whether it has been silent for longer than its spec allows. */
function stalledSeries(job: FineTuneJob): Series[] {
  const { conditions = [], phase } = job.status ?? {};
  if (phase !== 'Running') return [];
  const isStalled = conditions.some(({ type, status }) => type === 'RunStalled' && status === 'True');
  return sample('doctune_training_stalled', labelsOf(job), isStalled ? 1 : 0);
}

function trainingSeries(job: FineTuneJob): Series[] {
  const labels = labelsOf(job);
  const { training, memory, progress, trainerStatus } = job.status ?? {};
  const device = memory?.device === 'gpu' ? 'gpu' : 'host';
  const { percent } = progress ?? {};
  const reported = trainerStatus && Date.parse(trainerStatus.lastUpdatedTime) / 1000;
  return [
    ...sample('doctune_training_loss', labels, training?.loss),
    ...sample('doctune_training_eval_loss', labels, training?.evalLoss),
    ...sample('doctune_training_learning_rate', labels, training?.learningRate),
    ...sample('doctune_training_tokens_per_second', labels, training?.tokensPerSecond),
    ...sample('doctune_training_tokens', labels, training?.tokens),
    ...sample('doctune_training_padding_ratio', labels, training?.paddingShare),
    ...sample('doctune_training_mfu_ratio', labels, training?.mfu),
    ...sample('doctune_training_gpu_utilization_ratio', labels, training?.gpuUtilization),
    ...sample('doctune_training_progress_ratio', labels, percent === undefined ? undefined : percent / 100),
    ...sample('doctune_training_step', labels, training?.step),
    ...sample(`doctune_training_${device}_memory_bytes`, labels, memory?.usedBytes),
    ...sample(`doctune_training_${device}_memory_peak_bytes`, labels, memory?.peakBytes),
    ...sample('doctune_training_last_report_timestamp_seconds', labels, reported),
    ...stalledSeries(job),
  ];
}

const splits = ['train', 'validation', 'test', 'recall'] as const;

function datasetSeries(dataset: Dataset): Series[] {
  const labels = labelsOf(dataset);
  const { rows, usage, coverage, acceptRate } = dataset.status ?? {};
  return [
    ...splits.flatMap((split) => sample('doctune_dataset_rows', { ...labels, split }, rows?.[split])),
    ...sample('doctune_dataset_tokens', labels, usage?.totalTokens),
    ...sample('doctune_dataset_cost', labels, usage?.cost),
    ...sample('doctune_dataset_coverage_ratio', labels, coverage),
    ...sample('doctune_dataset_accept_ratio', labels, acceptRate),
    ...Object.entries(rows?.byReason ?? {}).flatMap(([reason, count]) =>
      sample('doctune_dataset_rejected_rows', { ...labels, reason }, count),
    ),
    ...datasetRunSeries(dataset),
  ];
}

const runSamples: readonly [metric: string, name: Name, labels: Labels][] = [
  [generateMetrics.chunksDone, 'doctune_dataset_run_chunks', { state: 'done' }],
  [generateMetrics.chunksFailed, 'doctune_dataset_run_chunks', { state: 'failed' }],
  [generateMetrics.chunksTotal, 'doctune_dataset_run_chunks', { state: 'total' }],
  [generateMetrics.rowsPlanned, 'doctune_dataset_run_rows', { state: 'planned' }],
  [generateMetrics.rowsAccepted, 'doctune_dataset_run_rows', { state: 'accepted' }],
  [generateMetrics.rowsRejected, 'doctune_dataset_run_rows', { state: 'rejected' }],
  [generateMetrics.requests, 'doctune_dataset_run_requests', { state: 'done' }],
  [generateMetrics.requestsInFlight, 'doctune_dataset_run_requests', { state: 'in_flight' }],
  [generateMetrics.requestsQueued, 'doctune_dataset_run_requests', { state: 'queued' }],
  [generateMetrics.cacheHits, 'doctune_dataset_run_requests', { state: 'cache_hit' }],
  [generateMetrics.inputTokens, 'doctune_dataset_run_tokens', { kind: 'input' }],
  [generateMetrics.cachedInputTokens, 'doctune_dataset_run_tokens', { kind: 'cached_input' }],
  [generateMetrics.outputTokens, 'doctune_dataset_run_tokens', { kind: 'output' }],
  [generateMetrics.latencyHalf, 'doctune_dataset_run_latency_seconds', { quantile: '0.5' }],
  [generateMetrics.latencyMost, 'doctune_dataset_run_latency_seconds', { quantile: '0.95' }],
  [generateMetrics.cost, 'doctune_dataset_run_cost', {}],
];

const labelledSamples: readonly [prefix: string, name: Name, label: string][] = [
  [labelledMetrics.rejected, 'doctune_dataset_run_rejected_rows', 'reason'],
  [labelledMetrics.retries, 'doctune_dataset_run_retries', 'class'],
];

/** What the worker reported last: figures by name, or by `<name>.<label>`. */
function datasetRunSeries(dataset: Dataset): Series[] {
  const labels = labelsOf(dataset);
  const metrics = new Map((dataset.status?.trainerStatus?.metrics ?? []).map(({ name, value }) => [name, value]));
  return [
    ...runSamples.flatMap(([metric, name, own]) => sample(name, { ...labels, ...own }, metrics.get(metric))),
    ...[...metrics].flatMap(([metric, value]) =>
      labelledSamples.flatMap(([prefix, name, label]) =>
        metric.startsWith(`${prefix}.`)
          ? sample(name, { ...labels, [label]: metric.slice(prefix.length + 1) }, value)
          : [],
      ),
    ),
  ];
}

function docSourceSeries(source: DocSource): Series[] {
  const labels = labelsOf(source);
  const { total, bySkipReason = {}, redactions } = source.status?.documents ?? {};
  return [
    ...sample('doctune_docsource_documents', labels, total),
    ...Object.entries(bySkipReason).flatMap(([reason, count]) =>
      sample('doctune_docsource_skipped_documents', { ...labels, reason }, count),
    ),
    ...sample('doctune_docsource_redactions', { ...labels, kind: 'secret' }, redactions?.secrets),
    ...sample('doctune_docsource_redactions', { ...labels, kind: 'personal_data' }, redactions?.personalData),
  ];
}

/** What became of the adapters of a line. */
function promotionSeries(evaluation: Evaluation): Series[] {
  const labels = labelsOf(evaluation);
  const { conditions = [], gate, history = [], promoted, rollback } = evaluation.status ?? {};
  const tagged = conditions.find(({ type }) => type === 'Tagged');
  const counts = new Map<string, number>();
  for (const { verdict } of history) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  return [
    ...(gate?.verdict === undefined
      ? []
      : sample('doctune_evaluation_verdict', { ...labels, verdict: gate.verdict }, 1)),
    ...[...counts].flatMap(([verdict, count]) => sample('doctune_evaluation_runs', { ...labels, verdict }, count)),
    ...sample('doctune_evaluation_promoted_timestamp_seconds', labels, promoted && Date.parse(promoted.since) / 1000),
    ...(promoted === undefined ? [] : sample('doctune_evaluation_rolled_back', labels, rollback === undefined ? 0 : 1)),
    ...(tagged === undefined ? [] : sample('doctune_evaluation_tagged', labels, tagged.status === 'True' ? 1 : 0)),
  ];
}

function evaluationSeries(evaluation: Evaluation): Series[] {
  const first = evaluation.spec.settings[0]?.name;
  const results = (evaluation.status?.results ?? []).filter(({ setting }) => setting === first);
  return results.flatMap(({ metric, split, base, tuned, delta }) => {
    const labels = { ...labelsOf(evaluation), metric, split };
    return [
      ...sample('doctune_evaluation_base', labels, base),
      ...sample('doctune_evaluation_tuned', labels, tuned),
      ...sample('doctune_evaluation_delta', labels, delta),
    ];
  });
}

/** The domain metrics, made from the objects at the moment of a scrape, so that they are gone with their object. */
export function* series({ docSources, datasets, fineTuneJobs, evaluations }: Objects): Generator<Series> {
  for (const object of [...docSources, ...datasets, ...fineTuneJobs, ...evaluations]) yield* objectSeries(object);
  for (const job of fineTuneJobs) yield* trainingSeries(job);
  for (const source of docSources) yield* docSourceSeries(source);
  for (const dataset of datasets) yield* datasetSeries(dataset);
  for (const evaluation of evaluations) {
    yield* evaluationSeries(evaluation);
    yield* promotionSeries(evaluation);
  }
}
