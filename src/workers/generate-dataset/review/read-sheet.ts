import { parse } from 'csv-parse/sync';
import { WorkerFailure } from '../../shell/failure.ts';
import { neededColumns } from './columns.ts';
import type { Verdict } from './verdict.ts';

export type SheetLine = (Verdict & { fact: string }) | { line: number; problem: string };

/** what people write for a verdict */
const words = new Map<string, Verdict['verdict']>([
  ...['accept', 'accepted', 'ok', 'good', 'yes'].map((word) => [word, 'accepted'] as const),
  ...['reject', 'rejected', 'bad', 'no'].map((word) => [word, 'rejected'] as const),
  ...['edit', 'edited'].map((word) => [word, 'edited'] as const),
]);
const idForm = /^sha256:[0-9a-f]{64}$/;
const factForm = /^[\w:.-]{1,128}$/;
const maxAnswer = 64 * 1024;

/** The lines of a sheet with a verdict; those without one were not looked at yet. */
export function readSheetLines(bytes: Buffer, field: string): SheetLine[] {
  const text = decode(bytes, field);
  const problems: SheetLine[] = [];
  const records = parse(text, {
    bom: true,
    columns: (header: string[]) => header.map((name) => name.trim().toLowerCase()),
    delimiter: delimiterOf(text),
    info: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    on_skip: (error) => {
      problems.push({ line: Number(error?.lines), problem: error?.message ?? 'cannot be read' });
      return undefined;
    },
  }) as unknown as { record: Record<string, string>; info: { lines: number } }[];
  checkColumns(text, records[0]?.record, field);
  const read = records.flatMap(({ record, info }) => readLine(record, info.lines));
  return [...read, ...problems].sort((a, b) => a.line - b.line);
}

function readLine(record: Record<string, string>, line: number): SheetLine[] {
  const cell = (name: string): string => (record[name] ?? '').trim();
  const [id, fact, said] = [cell('id'), cell('fact'), cell('verdict').toLowerCase()];
  if (said === '') return [];
  const problem = (text: string): SheetLine[] => [{ line, problem: text }];
  if (!idForm.test(id)) return problem(`id "${id.slice(0, 80)}" is malformed: copy it from review/sheet.csv`);
  if (!factForm.test(fact)) return problem(`fact "${fact.slice(0, 80)}" is malformed: copy it from review/sheet.csv`);
  const verdict = words.get(said);
  if (verdict === undefined) return problem(`verdict "${said.slice(0, 80)}" is unknown: use accept, edit or reject`);
  const answer = unguard(cell('edited answer'));
  if (verdict === 'edited' && answer === '')
    return problem('verdict is edit, but "edited answer" is empty: fill it in');
  if (answer.length > maxAnswer) return problem(`"edited answer" is longer than ${maxAnswer} characters: shorten it`);
  const about = { id, fact, line, reviewer: unguard(cell('reviewer')) || 'unknown', comment: unguard(cell('comment')) };
  if (verdict === 'rejected' || answer === '') return [{ ...about, verdict }];
  return [{ ...about, verdict: 'edited', answer }];
}

/** The sheet guards cells that look like formulas with a quote, and so may the spreadsheet. */
const unguard = (value: string): string => value.replace(/^'(?=[=+\-@])/, '');

/** Spreadsheets of some countries write semicolons. The head line has no quoted cell. */
function delimiterOf(text: string): string {
  const [head = ''] = text.split('\n', 1);
  const count = (mark: string): number => head.split(mark).length;
  return [',', ';', '\t'].sort((a, b) => count(b) - count(a))[0] ?? ',';
}

function checkColumns(text: string, first: Record<string, string> | undefined, field: string): void {
  const [head = ''] = text.split('\n', 1);
  const has = (name: string): boolean => (first === undefined ? head.toLowerCase().includes(name) : name in first);
  const missing = neededColumns.filter((name) => !has(name));
  if (missing.length === 0) return;
  const message = `${field}: "verdicts.csv" has no column "${missing.join('", "')}": fill in review/sheet.csv of the artifact`;
  throw new WorkerFailure('config', 'BadVerdicts', message);
}

function decode(bytes: Buffer, field: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    const message = `${field}: "verdicts.csv" is not UTF-8: save it as "CSV UTF-8"`;
    throw new WorkerFailure('config', 'BadVerdicts', message, { cause: error });
  }
}
