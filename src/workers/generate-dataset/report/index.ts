import type { Report } from '../../../contract/report.ts';
import type { Row } from '../../../contract/rows.ts';
import type { Corpus } from '../corpus.ts';
import { createCounter, sortKeys } from './counter.ts';
import { coverageReport } from './coverage.ts';
import { createDiversity } from './diversity.ts';
import { createTokenLengths, type ChatTokens } from './token-lengths.ts';

/** What the rows alone do not tell. */
export interface ReportAbout extends Pick<
  Report,
  | 'cleanliness'
  | 'consistency'
  | 'duplicates'
  | 'contamination'
  | 'augmentation'
  | 'mixture'
  | 'review'
  | 'delta'
  | 'rejected'
  | 'warnings'
> {
  /** name of what counted the tokens of the rows */
  tokenizer: string | null;
  corpus: Pick<Corpus, 'documents' | 'chunks'>;
  /** indexes of the chunks that have an accepted row */
  covered: ReadonlySet<number>;
}

export interface Reporter {
  /** Call once for each published row, in any order. */
  observe(row: Row): void;
  finish(about: ReportAbout): Report;
}

/** Gathers report.json while rows are written; memory grows with the documents, not with the rows. */
export function createReport({ seed, chatTokens }: { seed: number; chatTokens?: ChatTokens }): Reporter {
  const rows = createRowCounts();
  const [diversity, tokens, tasks] = [createDiversity(seed), createTokenLengths(chatTokens), createTaskSpread()];
  return {
    observe(row) {
      rows.observe(row);
      tokens.observe(row);
      if (row.domain === 'general') return;
      diversity.observe(row);
      tasks.observe(row);
    },
    finish({ tokenizer, corpus, covered, rejected, ...about }) {
      return {
        version: 1,
        rows: rows.finish(),
        rejected: { byStage: sortKeys(rejected.byStage), byReason: sortKeys(rejected.byReason) },
        diversity: diversity.finish(),
        tokens: tokens.finish(tokenizer),
        coverage: { ...coverageReport(corpus, covered), byTask: tasks.finish() },
        ...about,
      };
    },
  };
}

function createRowCounts() {
  const [split, task, language] = [createCounter(), createCounter(), createCounter()];
  const [domain, reviewed] = [createCounter(), createCounter()];
  let [total, augmented] = [0, 0];
  return {
    observe(row: Row): void {
      total += 1;
      split.add(row.split);
      task.add(row.task);
      language.add(row.language);
      domain.add(row.domain);
      if (row.review !== undefined) reviewed.add(row.review.verdict);
      if ((row.parents?.length ?? 0) > 0) augmented += 1;
    },
    finish: (): Report['rows'] => ({
      total,
      bySplit: split.counts(),
      byTask: task.counts(),
      byLanguage: language.counts(),
      byDomain: domain.counts(),
      augmented,
      reviewed: reviewed.counts(),
    }),
  };
}

/** Over how many documents the rows of each task are spread. */
function createTaskSpread() {
  const byTask = new Map<string, { rows: number; documents: Set<string> }>();
  return {
    observe({ task, source }: Row): void {
      const own = byTask.get(task) ?? { rows: 0, documents: new Set() };
      own.rows += 1;
      own.documents.add(`${source.source}/${source.path}`);
      byTask.set(task, own);
    },
    finish: (): Report['coverage']['byTask'] =>
      sortKeys(
        Object.fromEntries(
          [...byTask].map(([task, { rows, documents }]) => [task, { rows, documents: documents.size }]),
        ),
      ),
  };
}
