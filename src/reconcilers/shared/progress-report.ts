import type { TrainerStatus } from '../../api/v1alpha1/index.ts';
import type { ProgressReport } from '../../contract/progress.ts';
import { known } from './figures.ts';

/** What a report is received with. */
export interface ReportContext<Status = object> {
  /** name of the run that sent it */
  run: string;
  /** the status before it */
  before: Status | undefined;
}

/**
 * The progress fields that the same run has reported before. A client need not repeat a figure in each report: the
 * callback of transformers sends training and validation figures apart.
 */
export function reportedBefore<Status extends { trainerStatus?: TrainerStatus | undefined }>({
  run,
  before,
}: ReportContext<Status>): Status | undefined {
  return before?.trainerStatus?.run === run ? before : undefined;
}

export type Metrics = ReadonlyMap<string, number>;

/** Finite metrics of a report by their names; a name that comes twice counts as it came last. */
export const metricsOf = ({ trainerStatus }: ProgressReport): Metrics =>
  new Map(
    (trainerStatus.metrics ?? []).filter(({ value }) => Number.isFinite(value)).map(({ name, value }) => [name, value]),
  );

/** A metric that counts something; undefined if it was not sent. */
export function countOf(metrics: Metrics, name: string): number | undefined {
  const value = metrics.get(name);
  return value === undefined ? undefined : Math.max(0, Math.round(value));
}

/** The report as the status keeps it. */
export function trainerStatusOf(report: ProgressReport, run: string): TrainerStatus {
  const { progressPercentage, estimatedRemainingSeconds, lastUpdatedTime } = report.trainerStatus;
  const metrics = [...metricsOf(report)].map(([name, value]) => ({ name, value: String(value) }));
  return {
    run,
    ...known({ progressPercentage, estimatedRemainingSeconds }),
    metrics,
    // the schema of the status has times in UTC
    lastUpdatedTime: new Date(lastUpdatedTime).toISOString(),
  };
}

export const percentOf = ({ trainerStatus }: ProgressReport) =>
  known({ percent: trainerStatus.progressPercentage, remainingSeconds: trainerStatus.estimatedRemainingSeconds });
