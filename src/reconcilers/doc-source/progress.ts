import type { DocSourceStatus } from '../../api/v1alpha1/index.ts';
import type { ProgressReport } from '../../contract/progress.ts';
import { percentOf, trainerStatusOf } from '../shared/progress-report.ts';

export const progressFields = ['trainerStatus', 'progress'] as const;
export type ProgressStatus = Pick<DocSourceStatus, (typeof progressFields)[number]>;

/** The progress fields that follow from a report. Pure. `run` is the name of the run that sent it. */
export const progressStatus = (report: ProgressReport, run?: string): ProgressStatus => ({
  trainerStatus: trainerStatusOf(report, run),
  progress: percentOf(report),
});
