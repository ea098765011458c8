import type { Split } from '../../../contract/rows.ts';
import { sortKeys } from '../output/write.ts';
import type { Grouping } from '../split/group.ts';
import type { Collected } from './collected.ts';
import type { Figures } from './gates.ts';
import type { GenerateSummary } from './outcome.ts';
import type { Work } from './work.ts';
import type { Written } from './writing.ts';

/** what the contract has room for */
const maxWarnings = 8;
const maxWarningLength = 256;

/** The figures of a run that gates and status look at. */
export function figuresOf(work: Work, { heads, marks, rejected }: Collected, { own, report }: Written): Figures {
  const { usable, failed } = marks.counts();
  const unread = work.unreadChunks;
  const { byReason, byStage, made } = rejected.counts;
  const accepted = heads.filter(({ rejection }) => rejection === undefined).length;
  const duplicates = byStage['duplicates'] ?? 0;
  return {
    rows: own,
    acceptRate: shareOf(accepted, accepted + made),
    coverage: report.coverage.share,
    duplicateRate: duplicates === 0 ? 0 : shareOf(duplicates, accepted + duplicates),
    failed: failed + unread,
    usable: usable + unread,
    byReason,
  };
}

const shareOf = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/** All rows of the files, changed copies and general ones too. */
export const rowsOf = ({ files }: Pick<Written, 'files'>): number =>
  Object.values(files.counts).reduce((sum, count) => sum + count, 0);

interface Finished {
  work: Work;
  collected: Collected;
  written: Written;
  figures: Figures;
  /** about this run rather than the rows, whose bytes do not depend on it */
  warning: string | undefined;
}

export async function summaryOf({ work, collected, written, figures, warning }: Finished): Promise<GenerateSummary> {
  const { marks, rejected } = collected;
  const { files, report, delta } = written;
  // before the judge is asked about anything but rows, which does not grow with them
  const estimate = work.estimate();
  const { kappa, ...agreement } = await work.agreement();
  const own = [warning, agreement.warning].filter((text) => text !== undefined);
  const { total, done } = marks.counts();
  const { total: lengths } = report.tokens ?? { total: null };
  const { coverage, acceptRate, duplicateRate, usable, failed } = figures;
  return {
    rows: { ...files.counts, rejected: rejected.counts.total, byReason: sortKeys(rejected.counts.byReason) },
    usage: work.usage(),
    ...{ coverage, acceptRate, duplicateRate },
    chunks: { total, done, usable, failed },
    tasks: sortKeys(files.tasks),
    tokens: lengths === null ? null : { p50: lengths.p50, p95: lengths.p95, max: lengths.max },
    warnings: [...own, ...report.warnings].slice(0, maxWarnings).map((text) => text.slice(0, maxWarningLength)),
    judgeAgreement: kappa,
    delta,
    estimate,
  };
}

/** rows a small model can be tuned with */
const fewRows = 500;
/** steps of an epoch below which the loss curve says little */
const fewSteps = 50;
/** rows of one step with the defaults of a FineTuneJob */
const rowsPerStep = 4;
const fewGroups = 10;

/** What a reader should know about the rows. */
export function warnings(
  rows: Record<Split, number> & { own: number },
  groups: number,
  split: { test: number; recall: number },
  { moved, notes }: Pick<Grouping, 'moved' | 'notes'>,
): string[] {
  const movedGroups = Object.keys(moved).length;
  const steps = Math.floor(rows.train / rowsPerStep);
  const all: [boolean, string][] = [
    [rows.own < fewRows, `${rows.own} rows are few: with less than ${fewRows} a model learns words rather than facts`],
    [
      steps < fewSteps,
      `an epoch has ${steps} steps of ${rowsPerStep} rows, fewer than ${fewSteps}: train several epochs`,
    ],
    [split.test === 0, 'spec.split.test is 0: nothing tells what the model does with unseen documents'],
    [split.recall === 0, 'spec.split.recall is 0: nothing tells whether the model knows what it was trained on'],
    [
      movedGroups > 0,
      `${movedGroups} of ${groups} groups were moved to fill validation and test: split.moved in manifest.json names them`,
    ],
    [
      groups < fewGroups,
      `the rows are in ${groups} groups: figures about unseen documents depend on which of them are held back`,
    ],
  ];
  return [...all.filter(([isSo]) => isSo).map(([, text]) => text), ...notes];
}
