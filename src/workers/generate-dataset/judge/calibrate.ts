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
type JudgedRow = z.infer<typeof judgedRowSchema>;

/** How far the judge agrees with humans about rows that they have judged; rows that it gives no verdict on do not count. */
export async function calibrate(judge: Judge, folder: string): Promise<number | null> {
  const pairs: [boolean, boolean][] = [];
  const rows = await readRows(folder);
  const verdicts = await Promise.all(
    rows.map(({ document, project, question, answer, evidence }) =>
      judge.judge({ project, shown: [{ place: 'document', text: document }], questions: [question], answer, evidence }),
    ),
  );
  for (const [index, judged] of verdicts.entries()) {
    const human = rows[index]?.accepted;
    if ('verdict' in judged && human !== undefined) pairs.push([human, judged.fault === undefined]);
  }
  return cohensKappa(pairs);
}

async function readRows(folder: string): Promise<JudgedRow[]> {
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
