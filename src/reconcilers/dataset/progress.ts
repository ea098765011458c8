import type { DatasetStatus } from '../../api/v1alpha1/index.ts';
import { generateMetrics } from '../../contract/progress.ts';
import type { ProgressReport } from '../../contract/progress.ts';
import type { Success } from '../../contract/result.ts';
import { figureOf, known } from '../shared/figures.ts';
import { countOf, metricsOf, percentOf, reportedBefore, trainerStatusOf } from '../shared/progress-report.ts';
import type { Metrics, ReportContext } from '../shared/progress-report.ts';

const names = generateMetrics;

export const progressFields = ['trainerStatus', 'progress'] as const;
export type ProgressStatus = Pick<DatasetStatus, (typeof progressFields)[number]>;

function tokensOf(metrics: Metrics): number | undefined {
  const sent = countOf(metrics, names.inputTokens);
  const received = countOf(metrics, names.outputTokens);
  return sent === undefined && received === undefined ? undefined : (sent ?? 0) + (received ?? 0);
}

const figureIn = (metrics: Metrics, name: string): string | undefined => {
  const value = metrics.get(name);
  return value === undefined ? undefined : figureOf(value);
};

/** The progress fields that follow from a report. Pure. */
export function progressStatus(report: ProgressReport, context: ReportContext<ProgressStatus>): ProgressStatus {
  const metrics = metricsOf(report);
  const counts = known({
    chunksDone: countOf(metrics, names.chunksDone),
    chunksTotal: countOf(metrics, names.chunksTotal),
    rows: countOf(metrics, names.rowsAccepted),
    rejected: countOf(metrics, names.rowsRejected),
    rowsPlanned: countOf(metrics, names.rowsPlanned),
    tokens: tokensOf(metrics),
    cost: figureIn(metrics, names.cost),
  });
  const before = reportedBefore(context)?.progress;
  return {
    trainerStatus: trainerStatusOf(report, context.run),
    progress: { ...before, ...percentOf(report), ...counts },
  };
}

/** The progress fields of a run that is done. */
export function finalProgress(
  { summary: { chunks, rows, usage } }: Success<'generate-dataset'>,
  reported: ProgressStatus | undefined,
): ProgressStatus {
  return {
    ...known({ trainerStatus: reported?.trainerStatus }),
    progress: {
      percent: 100,
      chunksDone: chunks.done,
      chunksTotal: chunks.total,
      rows: rows.train + rows.validation + rows.test + rows.recall,
      rejected: rows.rejected,
      tokens: usage.inputTokens + usage.outputTokens,
    },
  };
}
