import type { GenerateInput } from '../../../contract/inputs.ts';
import { WorkerFailure } from '../../shell/failure.ts';

export interface Figures {
  /** about the documents, changed copies left out */
  rows: number;
  acceptRate: number;
  coverage: number;
  duplicateRate: number;
  /** chunks without an answer, and documents that could not be parsed counted in chunks */
  failed: number;
  usable: number;
  byReason: Readonly<Record<string, number>>;
}

const shownReasons = 6;
const rounded = (share: number): string => String(Math.floor(share * 1000) / 1000);

/** Throws a `data` failure that names the first gate that is not passed. What was paid for stays in the store. */
export function checkGates(gates: GenerateInput['gates'], figures: Figures): void {
  const { rows, acceptRate, coverage, duplicateRate, failed, usable } = figures;
  const failedShare = usable === 0 ? 0 : failed / usable;
  if (failedShare > gates.maxFailedChunks) {
    throw failure(
      'PartiallyFailed',
      `${failed} of ${usable} chunks failed, more than gates.maxFailedChunks ${gates.maxFailedChunks} allows`,
      'answers that were paid for are kept: reconcile again to ask for the rest, or raise spec.gates.maxFailedChunks',
      figures,
    );
  }
  if (rows < gates.minRows)
    throw failure(
      'TooFewRows',
      `${rows} rows, without changed copies and general ones, are fewer than gates.minRows ${gates.minRows}`,
      'add documents or lower spec.gates.minRows',
      figures,
    );
  if (acceptRate < gates.minAcceptRate) {
    const what = `the share of accepted rows ${rounded(acceptRate)} is below gates.minAcceptRate ${gates.minAcceptRate}`;
    throw failure('LowAcceptRate', what, 'choose another model or prompts, or lower spec.gates.minAcceptRate', figures);
  }
  if (coverage < gates.minCoverage) {
    const what = `${rounded(coverage)} of the usable chunks have a row, less than gates.minCoverage ${gates.minCoverage}`;
    throw failure('LowCoverage', what, 'raise spec.rows.max or lower spec.gates.minCoverage', figures);
  }
  if (duplicateRate > gates.maxDuplicateRate) {
    const what = `the share of duplicates ${rounded(duplicateRate)} is above gates.maxDuplicateRate ${gates.maxDuplicateRate}`;
    throw failure(
      'TooManyDuplicates',
      what,
      'exclude documents that say the same, or raise spec.gates.maxDuplicateRate',
      figures,
    );
  }
}

function failure(reason: string, what: string, remedy: string, { byReason }: Figures): WorkerFailure {
  const reasons = Object.entries(byReason).sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  const shown = reasons.slice(0, shownReasons).map(([name, count]) => `${count} ${name}`);
  const why = shown.length === 0 ? 'nothing was rejected' : `rejected were ${shown.join(', ')}`;
  return new WorkerFailure('data', reason, `${what}; ${why}: ${remedy}`);
}
