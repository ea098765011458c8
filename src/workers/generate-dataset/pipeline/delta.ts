import type { Row } from '../../../contract/rows.ts';
import type { GenerateSummary } from './outcome.ts';
import type { Parent } from './parent.ts';

/** Counts rows that the version before had too. */
export interface Delta {
  add: (row: Row) => void;
  counts(): GenerateSummary['delta'];
}

export function createDelta(parent: Parent | undefined): Delta {
  let [kept, rows] = [0, 0];
  return {
    add: ({ id, domain }) => {
      if (domain === 'general') return;
      rows += 1;
      if (parent?.hasRow(id) === true) kept += 1;
    },
    counts: () => (parent === undefined ? null : { added: rows - kept, retired: parent.rows - kept, kept }),
  };
}
