import type { RejectedRow } from '../../../contract/rows.ts';
import type { LineFile } from './lines.ts';

/** how much of a rejected row's reason is kept */
const maxDetail = 1024;

export type Rejection = Omit<RejectedRow, 'stage'> & { stage: string };

/** All that was turned down, on disk, with counts. */
export interface RejectedLog {
  add(row: Rejection): Promise<void>;
  /** `made`: rows that were made and turned down; the rest never came to be a row */
  counts: { total: number; made: number; byReason: Record<string, number>; byStage: Record<string, number> };
  close(): Promise<{ rows: number; sha256: string }>;
}

export function createRejectedLog(file: LineFile): RejectedLog {
  const counts: RejectedLog['counts'] = { total: 0, made: 0, byReason: {}, byStage: {} };
  return {
    counts,
    async add({ reason, stage, detail, cost, path, chunk, row }) {
      counts.total += 1;
      if (row !== null && stage !== 'split') counts.made += 1;
      counts.byReason[reason] = (counts.byReason[reason] ?? 0) + 1;
      counts.byStage[stage] = (counts.byStage[stage] ?? 0) + 1;
      const paid = cost === undefined ? {} : { cost };
      await file.write({ reason, stage, detail: detail.slice(0, maxDetail), ...paid, path, chunk, row });
    },
    close: () => file.close(),
  };
}
