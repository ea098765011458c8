import type { EvaluationStatus } from '../../api/v1alpha1/index.ts';
import { evaluateMetrics } from '../../contract/progress.ts';
import type { ProgressReport } from '../../contract/progress.ts';
import { known } from '../shared/figures.ts';
import { countOf, metricsOf, percentOf, reportedBefore, trainerStatusOf } from '../shared/progress-report.ts';
import type { ReportContext } from '../shared/progress-report.ts';

export const progressFields = ['trainerStatus', 'progress'] as const;
export type ProgressStatus = Pick<EvaluationStatus, (typeof progressFields)[number]>;

/** The progress fields that follow from a report. Pure. */
export function progressStatus(report: ProgressReport, context: ReportContext<ProgressStatus>): ProgressStatus {
  const metrics = metricsOf(report);
  const { itemsDone, itemsTotal, judgedDone, judgedTotal } = evaluateMetrics;
  const counts = known({
    itemsDone: countOf(metrics, itemsDone),
    itemsTotal: countOf(metrics, itemsTotal),
    judgedDone: countOf(metrics, judgedDone),
    judgedTotal: countOf(metrics, judgedTotal),
  });
  const before = reportedBefore(context)?.progress;
  return {
    trainerStatus: trainerStatusOf(report, context.run),
    progress: { ...before, ...percentOf(report), ...counts },
  };
}

/** The progress fields of a run that is done. */
export function finalProgress({ trainerStatus, progress }: ProgressStatus): ProgressStatus {
  const { itemsTotal, judgedDone, judgedTotal } = progress ?? {};
  return {
    ...known({ trainerStatus }),
    // a judge may have been left with questions
    progress: { percent: 100, ...known({ itemsDone: itemsTotal, itemsTotal, judgedDone, judgedTotal }) },
  };
}
