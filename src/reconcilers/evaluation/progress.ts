import type { EvaluationStatus } from '../../api/v1alpha1/index.ts';
import { evaluateMetrics } from '../../contract/progress.ts';
import type { ProgressReport } from '../../contract/progress.ts';
import { known } from '../shared/figures.ts';
import { countOf, metricsOf, percentOf, trainerStatusOf } from '../shared/progress-report.ts';

export const progressFields = ['trainerStatus', 'progress'] as const;
export type ProgressStatus = Pick<EvaluationStatus, (typeof progressFields)[number]>;

/** The progress fields that follow from a report. Pure. `run` is the name of the run that sent it. */
export function progressStatus(report: ProgressReport, run?: string): ProgressStatus {
  const metrics = metricsOf(report);
  const { itemsDone, itemsTotal } = evaluateMetrics;
  const counts = known({ itemsDone: countOf(metrics, itemsDone), itemsTotal: countOf(metrics, itemsTotal) });
  return { trainerStatus: trainerStatusOf(report, run), progress: { ...percentOf(report), ...counts } };
}

/** The progress fields of a run that is done. */
export function finalProgress({ trainerStatus, progress }: ProgressStatus): ProgressStatus {
  const itemsTotal = progress?.itemsTotal;
  return {
    ...known({ trainerStatus }),
    progress: { percent: 100, ...known({ itemsDone: itemsTotal, itemsTotal }) },
  };
}
