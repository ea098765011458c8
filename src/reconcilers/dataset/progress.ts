import type { DatasetStatus } from '../../api/v1alpha1/index.ts';
import { generateMetrics } from '../../contract/progress.ts';
import type { ProgressReport } from '../../contract/progress.ts';
import type { Success } from '../../contract/result.ts';
import { known } from '../shared/figures.ts';
import { countOf, metricsOf, percentOf, trainerStatusOf } from '../shared/progress-report.ts';
import type { Metrics } from '../shared/progress-report.ts';

const names = generateMetrics;

export const progressFields = ['trainerStatus', 'progress'] as const;
export type ProgressStatus = Pick<DatasetStatus, (typeof progressFields)[number]>;

function tokensOf(metrics: Metrics): number | undefined {
  const sent = countOf(metrics, names.inputTokens);
  const received = countOf(metrics, names.outputTokens);
  return sent === undefined && received === undefined ? undefined : (sent ?? 0) + (received ?? 0);
}

/** The progress fields that follow from a report. Pure. `run` is the name of the run that sent it. */
export function progressStatus(report: ProgressReport, run?: string): ProgressStatus {
  const metrics = metricsOf(report);
  const counts = known({
    chunksDone: countOf(metrics, names.chunksDone),
    chunksTotal: countOf(metrics, names.chunksTotal),
    rows: countOf(metrics, names.rowsAccepted),
    rejected: countOf(metrics, names.rowsRejected),
    tokens: tokensOf(metrics),
  });
  return { trainerStatus: trainerStatusOf(report, run), progress: { ...percentOf(report), ...counts } };
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
