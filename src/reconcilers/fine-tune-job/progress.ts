import type { FineTuneJobStatus, Memory, TrainingProgress } from '../../api/v1alpha1/index.ts';
import { trainingMetrics } from '../../contract/progress.ts';
import type { ProgressReport } from '../../contract/progress.ts';
import type { Success } from '../../contract/result.ts';
import { figuresOf, known } from '../shared/figures.ts';
import { countOf, metricsOf, percentOf, reportedBefore, trainerStatusOf } from '../shared/progress-report.ts';
import type { Metrics, ReportContext } from '../shared/progress-report.ts';

const names = trainingMetrics;

export const progressFields = ['trainerStatus', 'progress', 'training', 'memory', 'checkpoint'] as const;
export type ProgressStatus = Pick<FineTuneJobStatus, (typeof progressFields)[number]>;
type Checkpoint = NonNullable<FineTuneJobStatus['checkpoint']>;

/** What the callback of transformers calls them, for trainers that report by it alone. */
const callbackNames = { step: 'current_step', epoch: 'current_epoch' };

const gibibyte = 2 ** 30;

const summary = (device: Memory['device'], bytes: number): string => `${(bytes / gibibyte).toFixed(1)}Gi ${device}`;

function memoryOf(metrics: Metrics): Memory | undefined {
  const gpu = countOf(metrics, names.gpuMemoryBytes);
  const device = gpu === undefined ? 'host' : 'gpu';
  const usedBytes = gpu ?? countOf(metrics, names.hostMemoryBytes);
  const peak = gpu === undefined ? names.hostMemoryPeakBytes : names.gpuMemoryPeakBytes;
  if (usedBytes === undefined) return undefined;
  const others = {
    peakBytes: countOf(metrics, peak),
    estimatedBytes: gpu === undefined ? undefined : countOf(metrics, names.gpuMemoryEstimatedBytes),
  };
  return { device, usedBytes, ...known(others), summary: summary(device, usedBytes) };
}

function trainingOf(metrics: Metrics): TrainingProgress {
  const figure = (name: string) => metrics.get(name);
  const step = countOf(metrics, names.step) ?? countOf(metrics, callbackNames.step);
  return {
    ...known({
      step,
      totalSteps: countOf(metrics, names.totalSteps),
      stage: countOf(metrics, names.stage),
      tokens: countOf(metrics, names.tokens),
      epochTokens: countOf(metrics, names.epochTokens),
    }),
    ...figuresOf({
      epoch: figure(names.epoch) ?? figure(callbackNames.epoch),
      loss: figure(names.loss),
      evalLoss: figure(names.evalLoss),
      evalRecallLoss: figure(names.evalRecallLoss),
      evalUnseenLoss: figure(names.evalUnseenLoss),
      evalTokenAccuracy: figure(names.evalTokenAccuracy),
      learningRate: figure(names.learningRate),
      gradNorm: figure(names.gradNorm),
      tokensPerSecond: figure(names.tokensPerSecond),
      startupSeconds: figure(names.startupSeconds),
      perplexity: figure(names.perplexity),
      paddingShare: figure(names.paddingShare),
      mfu: figure(names.mfu),
      gpuUtilization: figure(names.gpuUtilization),
    }),
  };
}

/** The newest checkpoint; it has the time of the report that told of it first. */
function checkpointOf(report: ProgressReport, metrics: Metrics, before: Checkpoint | undefined) {
  const step = countOf(metrics, names.checkpointStep);
  if (step === undefined) return before;
  const isSame = step === before?.step && before.time !== undefined;
  return {
    step,
    time: isSame ? before.time : new Date(report.trainerStatus.lastUpdatedTime).toISOString(),
    ...figuresOf({ seconds: metrics.get(names.checkpointSeconds) ?? Number(before?.seconds) }),
  };
}

/** The progress fields that follow from a report. Pure. */
export function progressStatus(report: ProgressReport, context: ReportContext<ProgressStatus>): ProgressStatus {
  const metrics = metricsOf(report);
  const before = reportedBefore(context);
  return known({
    trainerStatus: trainerStatusOf(report, context.run),
    progress: { ...before?.progress, ...percentOf(report) },
    training: { ...before?.training, ...trainingOf(metrics) },
    memory: memoryOf(metrics) ?? before?.memory,
    checkpoint: checkpointOf(report, metrics, before?.checkpoint),
  });
}

/** The progress fields of a run that is done: the final figures, and of the rest what was reported last. */
export function finalProgress(
  { summary: done }: Success<'train'>,
  reported: ProgressStatus | undefined,
): ProgressStatus {
  const { step, totalSteps, memory, checkpoint } = done;
  const { epoch, loss, evalLoss, evalRecallLoss, evalUnseenLoss, evalTokenAccuracy, perplexity, tokensPerSecond } =
    done;
  return known({
    trainerStatus: reported?.trainerStatus,
    progress: { percent: 100 },
    training: {
      ...reported?.training,
      step,
      totalSteps,
      ...figuresOf({
        epoch,
        loss,
        evalLoss,
        evalRecallLoss,
        evalUnseenLoss,
        evalTokenAccuracy,
        perplexity,
        tokensPerSecond,
      }),
    },
    memory: {
      device: memory.device,
      peakBytes: memory.peakBytes,
      ...known({ estimatedBytes: reported?.memory?.estimatedBytes }),
      ...known({ capacityBytes: memory.capacityBytes }),
      summary: summary(memory.device, memory.peakBytes),
    },
    checkpoint: checkpoint === null ? null : { ...checkpoint, ...known({ seconds: reported?.checkpoint?.seconds }) },
  });
}
