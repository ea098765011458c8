import type { DocSourceStatus } from '../../api/v1alpha1/index.ts';
import type { ProgressReport } from '../../contract/progress.ts';
import { percentOf, reportedBefore, trainerStatusOf } from '../shared/progress-report.ts';
import type { ReportContext } from '../shared/progress-report.ts';

export const progressFields = ['trainerStatus', 'progress'] as const;
export type ProgressStatus = Pick<DocSourceStatus, (typeof progressFields)[number]>;

/** The progress fields that follow from a report. Pure. */
export const progressStatus = (report: ProgressReport, context: ReportContext<ProgressStatus>): ProgressStatus => ({
  trainerStatus: trainerStatusOf(report, context.run),
  progress: { ...reportedBefore(context)?.progress, ...percentOf(report) },
});
