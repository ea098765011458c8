import { generateMetrics, labelledMetrics } from '../../../contract/progress.ts';
import type { WorkerContext } from '../../shell/run.ts';
import type { Unit } from '../corpus.ts';
import type { ChunkMarks } from './chunk-marks.ts';
import type { FactHead } from './facts.ts';
import type { RejectedLog } from './rejected.ts';
import type { Work } from './work.ts';

/** a report holds 64 metrics */
const maxReasons = 16;
/** counting chunks for each unit would take longer than the units */
const intervalMs = 1000;

export interface Tally {
  /** Note a unit that is done, with the facts that it gave. */
  add: (unit: Unit, facts: readonly FactHead[]) => void;
  report: () => void;
}

/** Tells how far the run is, at most once a second. */
export function createTally(
  { generator, metrics }: Work,
  marks: ChunkMarks,
  rejected: RejectedLog,
  { progress }: WorkerContext,
): Tally {
  const planned = generator.units.reduce((sum, { rowsPlanned }) => sum + rowsPlanned, 0);
  let [units, rows, last] = [0, 0, 0];
  const report = (): void => {
    last = performance.now();
    const { done, failed } = marks.counts();
    const total = new Set(generator.units.flatMap(({ chunks }) => chunks)).size;
    const reasons = Object.entries(rejected.counts.byReason).sort(([, a], [, b]) => b - a);
    progress.report({
      share: generator.units.length === 0 ? 1 : units / generator.units.length,
      metrics: {
        [generateMetrics.chunksDone]: done,
        [generateMetrics.chunksTotal]: total,
        [generateMetrics.chunksFailed]: failed,
        [generateMetrics.rowsPlanned]: planned,
        [generateMetrics.rowsAccepted]: rows,
        [generateMetrics.rowsRejected]: rejected.counts.total,
        ...metrics(),
        ...Object.fromEntries(
          reasons.slice(0, maxReasons).map(([reason, count]) => [`${labelledMetrics.rejected}.${reason}`, count]),
        ),
      },
    });
  };
  return {
    report,
    add(_unit, facts) {
      units += 1;
      rows += facts.reduce((sum, { wordings }) => sum + wordings, 0);
      if (performance.now() - last >= intervalMs) report();
    },
  };
}
