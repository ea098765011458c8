import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WorkerFailure } from '../../shell/failure.ts';
import { readSheetLines, type SheetLine } from './read-sheet.ts';
import type { Verdict } from './verdict.ts';

export type { Verdict } from './verdict.ts';

export interface Verdicts {
  /** What reviewers said of a fact: it holds for all of its wordings, which share the answer. */
  of(fact: string): Verdict | undefined;
  /** How many facts have each verdict that was asked for with `of`. */
  counts(): Record<Verdict['verdict'], number>;
  /** Lines that could not be used, and why; call it when all facts were looked up, since foreign ones are named too. */
  problems(): string[];
}

const file = 'verdicts.csv';
const field = 'spec.review.verdictsRef';
const strictest = ['rejected', 'edited', 'accepted'] as const;

/** Read `verdicts.csv` of a folder. Throws a WorkerFailure if there is none or its columns are not those of the sheet. */
export async function readVerdicts(folder: string): Promise<Verdicts> {
  const bytes = await readFile(join(folder, file)).catch((error: unknown) => {
    const message = `${field} names a ConfigMap without the key "${file}": add it`;
    throw new WorkerFailure('config', 'NoVerdicts', message, { cause: error });
  });
  return gatherVerdicts(readSheetLines(bytes, field));
}

function gatherVerdicts(lines: readonly SheetLine[]): Verdicts {
  const byFact = new Map<string, Verdict>();
  const asked = new Set<string>();
  const seen = new Map<string, number>();
  const problems: string[] = [];
  for (const read of lines) {
    if ('problem' in read) {
      problems.push(`line ${read.line}: ${read.problem}`);
      continue;
    }
    const { fact, ...verdict } = read;
    const first = seen.get(verdict.id);
    if (first !== undefined) {
      problems.push(
        `line ${verdict.line}: row "${verdict.id}" was judged in line ${first} already: remove one of them`,
      );
      continue;
    }
    seen.set(verdict.id, verdict.line);
    const known = byFact.get(fact);
    if (known !== undefined && differs(known, verdict)) {
      problems.push(
        `line ${verdict.line}: line ${known.line} judges the same fact otherwise: the stricter one is taken`,
      );
    }
    if (known === undefined || rank(verdict) < rank(known)) byFact.set(fact, verdict);
  }
  const used = (): Verdict[] => [...byFact].filter(([fact]) => asked.has(fact)).map(([, verdict]) => verdict);
  return {
    of(fact) {
      asked.add(fact);
      return byFact.get(fact);
    },
    counts: () => {
      const count = (wanted: Verdict['verdict']): number => used().filter(({ verdict }) => verdict === wanted).length;
      return { accepted: count('accepted'), edited: count('edited'), rejected: count('rejected') };
    },
    problems: () => [...problems, ...foreign(byFact, asked)],
  };
}

const rank = ({ verdict }: Verdict): number => strictest.indexOf(verdict);
const differs = (a: Verdict, b: Verdict): boolean => a.verdict !== b.verdict || a.answer !== b.answer;

const foreign = (byFact: ReadonlyMap<string, Verdict>, asked: ReadonlySet<string>): string[] =>
  [...byFact]
    .filter(([fact]) => !asked.has(fact))
    .map(([fact, { line }]) => `line ${line}: fact "${fact}" is not in this dataset: its document may have changed`);
