import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { WorkerFailure } from '../../shell/failure.ts';
import type { Judge } from './judge.ts';
import { cohensKappa } from './kappa.ts';

/** A line of `rows.jsonl` of spec.judge.calibrationRef. */
const judgedRowSchema = z.strictObject({
  document: z.string().min(1),
  question: z.string().min(1),
  answer: z.string().min(1),
  evidence: z.array(z.string()).default([]),
  project: z.string().default('the project'),
  /** what the human said */
  accepted: z.boolean(),
});
export type JudgedRow = z.infer<typeof judgedRowSchema>;

/** Agreement of judge and humans beyond chance, -1 to 1; null where there is none to tell. */
export interface Agreement {
  kappa: number | null;
  /** why it was not measured though it was asked for */
  warning?: string;
}

const noMoney =
  'no money was left to measure how far the judge agrees with spec.judge.calibrationRef: raise spec.budget, or top the account up';

/**
 * How far the judge agrees with humans about rows that they have judged; rows that it gives no verdict on do not count.
 * It is asked when the dataset is finished, which no want of money for this may fail.
 */
export async function calibrate(judge: Judge, rows: readonly JudgedRow[]): Promise<Agreement> {
  const pairs: [boolean, boolean][] = [];
  const asked = await Promise.allSettled(
    rows.map(({ document, project, question, answer, evidence }) =>
      judge.judge({ project, shown: [{ place: 'document', text: document }], questions: [question], answer, evidence }),
    ),
  );
  for (const [index, { accepted }] of rows.entries()) {
    const one = asked[index];
    if (one?.status === 'rejected') {
      if (one.reason instanceof WorkerFailure && one.reason.exit === 'budget') return { kappa: null, warning: noMoney };
      throw one.reason;
    }
    if (one !== undefined && 'verdict' in one.value) pairs.push([accepted, one.value.fault === undefined]);
  }
  return { kappa: cohensKappa(pairs) };
}

/** The rows of `spec.judge.calibrationRef`; a fault in them is told before anything is paid. */
export async function readCalibration(folder: string): Promise<JudgedRow[]> {
  const text = await readFile(join(folder, 'rows.jsonl'), 'utf8').catch((error: unknown) => {
    throw wrong('has no key "rows.jsonl": add it', error);
  });
  return text.split('\n').flatMap((line, index) => (line.trim() === '' ? [] : [readRow(line, index + 1)]));
}

function readRow(line: string, number: number): JudgedRow {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw wrong(`line ${number} of "rows.jsonl" is no JSON: correct it`, error);
  }
  const row = judgedRowSchema.safeParse(value);
  if (row.success) return row.data;
  const issue = row.error.issues[0];
  throw wrong(
    `line ${number} of "rows.jsonl", field "${issue?.path.join('.') ?? ''}": ${issue?.message ?? 'is wrong'}`,
  );
}

const wrong = (problem: string, cause?: unknown): WorkerFailure =>
  new WorkerFailure('config', 'InvalidCalibration', `spec.judge.calibrationRef: ${problem}`, { cause });
