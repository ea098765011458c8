import type { Screening } from '../../../contract/inputs/fetch.ts';
import { screenText, type Screened } from '../../documents/screen/screen.ts';
import type { Conversation } from './conversation.ts';
import type { ReadRow } from './read-rows.ts';

export type RowScreening = Pick<Screening, 'secrets' | 'personalData'>;

export interface ScreenedRow {
  row: ReadRow;
  /** pieces taken out, by kind */
  redactions: Record<string, number>;
}

/** rows whose texts are looked at together: starting the search costs more than the search */
const together = 64;

/** Rows with what must not be trained taken out of all their texts, bad rows included: these are published as rejected. */
export async function* screenRows(rows: AsyncIterable<ReadRow>, policy: RowScreening): AsyncGenerator<ScreenedRow> {
  let waiting: ReadRow[] = [];
  for await (const row of rows) {
    waiting.push(row);
    if (waiting.length < together) continue;
    yield* await screenAll(waiting, policy);
    waiting = [];
  }
  yield* await screenAll(waiting, policy);
}

/** Halve what has something in it until single rows are left: most have nothing. */
async function screenAll(rows: readonly ReadRow[], policy: RowScreening): Promise<ScreenedRow[]> {
  const [first] = rows;
  if (first === undefined) return [];
  const found = await screenText(rows.flatMap((row) => stringsOf(contentOf(row))).join('\n\n'), policy);
  if (isClean(found)) return Promise.all(rows.map(async (row) => ({ row: await cutDeep(row), redactions: {} })));
  if (rows.length === 1) return [await screenRow(first, policy)];
  const half = Math.ceil(rows.length / 2);
  return [...(await screenAll(rows.slice(0, half), policy)), ...(await screenAll(rows.slice(half), policy))];
}

/** What was not looked at is not shown either. */
const cutDeep = async (row: ReadRow): Promise<ReadRow> =>
  'fault' in row ? { ...row, value: await mapStrings(row.value, (text) => Promise.resolve(text)) } : row;

async function screenRow(row: ReadRow, policy: RowScreening): Promise<ScreenedRow> {
  const redactions: Record<string, number> = {};
  const secrets = new Set<string>();
  const screen = async (text: string): Promise<string> => {
    const screened = await screenText(text, policy);
    for (const [kind, count] of Object.entries({ ...screened.secrets, ...screened.personalData }))
      redactions[kind] = (redactions[kind] ?? 0) + count;
    for (const kind of Object.keys(screened.secrets)) secrets.add(kind);
    return screened.text;
  };
  if ('fileFault' in row) return { row, redactions };
  if (!('conversation' in row)) {
    // what JSON has to say about a broken row quotes it
    const { value, fault } = (await mapStrings({ value: row.value, fault: row.fault }, screen)) as typeof row;
    return { row: { place: row.place, fault, value }, redactions };
  }
  const conversation = (await mapStrings(row.conversation, screen)) as Conversation;
  if (policy.secrets !== 'Skip' || secrets.size === 0) return { row: { ...row, conversation }, redactions };
  const detail = `it holds what looks like ${[...secrets].join(', ')}`;
  return { row: { place: row.place, fault: { reason: 'SECRET', detail }, value: conversation }, redactions };
}

const isClean = ({ secrets, personalData }: Screened): boolean =>
  Object.keys(secrets).length === 0 && Object.keys(personalData).length === 0;

function contentOf(row: ReadRow): unknown {
  if ('fileFault' in row) return null;
  return 'conversation' in row ? row.conversation : [row.fault, row.value];
}

/** a row is flat; what nests deeper is a bad one, and is not shown below that */
const deepest = 32;

function stringsOf(value: unknown, depth = 0): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || depth === deepest) return [];
  return Object.values(value).flatMap((entry) => stringsOf(entry, depth + 1));
}

/** The same value with each text in it changed; the names of members stay. */
async function mapStrings(value: unknown, change: (text: string) => Promise<string>, depth = 0): Promise<unknown> {
  if (typeof value === 'string') return change(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === deepest) return null;
  const map = (entry: unknown): Promise<unknown> => mapStrings(entry, change, depth + 1);
  if (Array.isArray(value)) return Promise.all(value.map(map));
  const entries = Object.entries(value).map(async ([key, entry]) => [key, await map(entry)] as const);
  return Object.fromEntries(await Promise.all(entries));
}
