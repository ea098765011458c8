import type { FineTuneJob } from '../../api/v1alpha1/index.ts';
import { trainingMetrics as names } from '../../contract/progress.ts';
import type { PlannedCondition } from '../../controller/plan.ts';
import { yes } from '../shared/waiting.ts';
import { parametersOf } from './parameters/resolve.ts';

type Figures = ReadonlyMap<string, number>;

/** share of the time without a batch from which on rows come too slowly, as in the trainer's own warning */
const slowRowsShare = 0.1;

const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** What the run itself has reported; nothing of another one. */
function figuresOf({ status }: FineTuneJob, run: string): Figures {
  const { trainerStatus } = status ?? {};
  const metrics = trainerStatus?.run === run ? (trainerStatus.metrics ?? []) : [];
  return new Map(metrics.map(({ name, value }) => [name, Number(value)]));
}

function adapted(figures: Figures): PlannedCondition[] {
  const times = figures.get(names.memoryAdaptations) ?? 0;
  if (times === 0) return [];
  const batch = figures.get(names.adaptedBatchSize);
  const checkpointing = figures.get(names.adaptedCheckpointing) === 1 ? ', gradientCheckpointing to true' : '';
  const accumulation = figures.get(names.adaptedAccumulation) ?? 1;
  const remedy =
    batch === undefined
      ? 'lower training.perDeviceBatchSize'
      : `set training.perDeviceBatchSize to ${batch}, gradientAccumulationSteps to ${accumulation}${checkpointing}`;
  return [yes('MemoryAdapted', 'MemoryAdapted', `memory ran out ${times} times, and the run goes on: ${remedy}`)];
}

function rolledBack(figures: Figures): PlannedCondition[] {
  const times = figures.get(names.rollbacks) ?? 0;
  if (times === 0) return [];
  const message =
    `the run went back ${times} times, last to step ${figures.get(names.rollbackStep) ?? 0}, with half the learning ` +
    'rate each time: lower training.learningRate, or look at the rows that the log names';
  return [yes('RolledBack', 'RolledBack', message)];
}

function underused({ spec }: FineTuneJob, figures: Figures): PlannedCondition[] {
  const use = figures.get(names.gpuLowUse);
  if (use === undefined) return [];
  const waiting = figures.get(names.gpuWaitingShare) ?? 0;
  const { gradientAccumulationSteps } = parametersOf(spec).training;
  const fewer = gradientAccumulationSteps > 1 ? ', and lower training.gradientAccumulationSteps by as much' : '';
  const cause =
    waiting > slowRowsShare
      ? `${percent(waiting)} of the time no batch is ready: give the pod more CPU in resources.cpu`
      : `the batches are probably too small: raise training.perDeviceBatchSize${fewer}`;
  return [yes('GPUUnderused', 'GPUUnderused', `the GPU was used ${percent(use)} of five minutes; ${cause}`)];
}

/** What a run has been through so far, by its own reports: there while it trains, and still there when it fails. */
export function hardships(job: FineTuneJob, run: string): PlannedCondition[] {
  const figures = figuresOf(job, run);
  return [...adapted(figures), ...rolledBack(figures), ...underused(job, figures)];
}
