import { z } from 'zod';

const metric = z.object({
  name: z.string().min(1).max(64),
  // the protocol writes strings; hand-written clients send numbers
  value: z.union([z.string().max(64), z.number()]).transform(Number),
});

/**
 * A progress report as in Kubeflow's KEP-2779, which the `KubeflowCallback` of transformers sends.
 * Unknown keys are dropped, so a newer client is not refused.
 */
export const progressSchema = z.object({
  trainerStatus: z.object({
    progressPercentage: z.int().min(0).max(100).nullish(),
    estimatedRemainingSeconds: z.int().min(0).nullish(),
    metrics: z.array(metric).max(64).nullish(),
    lastUpdatedTime: z.iso.datetime({ offset: true }),
  }),
});
export type ProgressReport = z.infer<typeof progressSchema>;

/**
 * Metric names that the operator understands; other names are kept in `status.trainerStatus.metrics` alone.
 * Those of training are the names that transformers logs.
 */
export const trainingMetrics = {
  step: 'step',
  totalSteps: 'total_steps',
  epoch: 'epoch',
  /** number of the stage under way, where there are several; the first is 0 */
  stage: 'stage',
  loss: 'loss',
  evalLoss: 'eval_loss',
  /** loss on other wordings of trained facts */
  evalRecallLoss: 'eval_recall_loss',
  /** loss on documents that are not trained */
  evalUnseenLoss: 'eval_unseen_loss',
  /** share of answer tokens foreseen, 0 to 1 */
  evalTokenAccuracy: 'eval_token_accuracy',
  learningRate: 'learning_rate',
  gradNorm: 'grad_norm',
  tokensPerSecond: 'tokens_per_second',
  /** from the start of the process to the end of its first step */
  startupSeconds: 'startup_seconds',
  perplexity: 'perplexity',
  /** trained so far, without padding */
  tokens: 'tokens',
  /** of one pass over the rows, without padding */
  epochTokens: 'epoch_tokens',
  /** share of the places of all batches, 0 to 1 */
  paddingShare: 'padding_share',
  /** share of the arithmetic of the GPU, 0 to 1 */
  mfu: 'mfu',
  /** share of the time in which the GPU was at work, 0 to 1 */
  gpuUtilization: 'gpu_utilization',
  gpuMemoryBytes: 'gpu_memory_bytes',
  gpuMemoryPeakBytes: 'gpu_memory_peak_bytes',
  /** what the run was expected to need before it began */
  gpuMemoryEstimatedBytes: 'gpu_memory_estimated_bytes',
  hostMemoryBytes: 'host_memory_bytes',
  hostMemoryPeakBytes: 'host_memory_peak_bytes',
  checkpointStep: 'checkpoint_step',
  /** how long the last checkpoint took to write: what a pod needs at least when it is told to stop */
  checkpointSeconds: 'checkpoint_seconds',
  /** how often memory ran out and less was taken at a time; then what the run goes on with */
  memoryAdaptations: 'memory_adaptations',
  adaptedBatchSize: 'adapted_batch_size',
  adaptedAccumulation: 'adapted_accumulation',
  /** 0 or 1 */
  adaptedCheckpointing: 'adapted_checkpointing',
  /** how often the run went back to a checkpoint, and to which step last */
  rollbacks: 'rollbacks',
  rollbackStep: 'rollback_step',
  /** share of five minutes in which the GPU was at work, where that was too low; and of the time without a batch */
  gpuLowUse: 'gpu_low_use',
  gpuWaitingShare: 'gpu_waiting_share',
} as const;

export const generateMetrics = {
  chunksDone: 'chunks_done',
  chunksTotal: 'chunks_total',
  chunksFailed: 'chunks_failed',
  rowsPlanned: 'rows_planned',
  rowsAccepted: 'rows_accepted',
  rowsRejected: 'rows_rejected',
  inputTokens: 'input_tokens',
  cachedInputTokens: 'cached_input_tokens',
  outputTokens: 'output_tokens',
  requests: 'requests',
  requestsInFlight: 'requests_in_flight',
  requestsQueued: 'requests_queued',
  cacheHits: 'cache_hits',
  cost: 'cost',
  /** seconds that half of the answers took at most, and 95 of 100 */
  latencyHalf: 'latency_p50_seconds',
  latencyMost: 'latency_p95_seconds',
} as const;

/** Counts by a label: `<prefix>.<label>`, such as `rows_rejected.NO_EVIDENCE`; at most 64 metrics fit a report. */
export const labelledMetrics = {
  rejected: 'rows_rejected',
  accepted: 'rows_accepted',
  retries: 'retries',
} as const;

export const evaluateMetrics = {
  itemsDone: 'items_done',
  itemsTotal: 'items_total',
  /** questions to a judge */
  judgedDone: 'judged_done',
  judgedTotal: 'judged_total',
} as const;
