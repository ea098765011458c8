import type { RejectedRow, Row } from '../../../contract/rows.ts';
import type { Fault } from '../import/conversation.ts';
import { listRowFiles, type ListedFile } from '../import/files/list.ts';
import { importLimits } from '../import/files/record.ts';
import { refusalOf } from '../import/finding.ts';
import { readRows } from '../import/read-rows.ts';
import { screenRows } from '../import/screen.ts';
import { isRedacted } from '../pipeline/shape.ts';
import { hashShare } from '../split/hash.ts';
import { createTokenDraw } from './draw.ts';
import { generalRow, generalSource } from './row.ts';

export interface MixtureSettings {
  /** folder with rows in any known form */
  folder: string;
  /** share of the trained tokens that is about the documents, above 0 to 1 */
  domainWeight: number;
  /** tokens of the trained rows about the documents, copies included */
  domainTokens: number;
  seed: number;
  countTokens: (text: string) => number;
  /** questions of all rows of all splits: a general row must not repeat one; general ones are added */
  questions: { has(question: string): boolean; add(question: string): void };
  /** such as a look for held back rows */
  accepts?: (row: Row) => boolean;
  /** rows that cannot be read */
  onRejected(row: RejectedRow): Promise<void>;
}

export interface Mixture {
  /** The drawn rows in the order of their files; read again from there. */
  rows(): AsyncGenerator<Row>;
  counts: { read: number; rejected: number; repeated: number; refused: number; taken: number; tokens: number };
  /** of the trained tokens that are about the documents: `domainWeight`, or more if there are too few general rows */
  domainShare: number;
  warnings: string[];
}

type Counts = Mixture['counts'];

/** Draw as many general rows, evenly by seed, as give the rows about the documents their share of the trained tokens. */
export async function sampleGeneral(settings: MixtureSettings): Promise<Mixture> {
  const { domainTokens, domainWeight } = settings;
  const files = await listRowFiles(settings.folder, 'mixture.general');
  const room = Math.ceil((domainTokens * (1 - domainWeight)) / domainWeight);
  const draw = createTokenDraw(room);
  const counts: Counts = { read: 0, rejected: 0, repeated: 0, refused: 0, taken: 0, tokens: 0 };
  let ordinal = 0;
  for await (const read of allRows(files, settings.countTokens)) {
    if ('row' in read) consider(read.row, ordinal, settings, draw, counts);
    else {
      counts.rejected += 1;
      await settings.onRejected(rejection(read));
    }
    ordinal += 1;
  }
  const { ordinals, tokens } = draw.drawn();
  const whole = domainTokens + tokens;
  const domainShare = whole === 0 ? 1 : domainTokens / whole;
  return {
    rows: () => drawnRows(files, ordinals, settings.countTokens),
    counts: { ...counts, taken: ordinals.length, tokens },
    domainShare,
    warnings: tokens < room ? [tooFew(tokens, room, domainWeight, domainShare)] : [],
  };
}

function consider(
  row: Row,
  ordinal: number,
  { questions, accepts, seed }: MixtureSettings,
  draw: ReturnType<typeof createTokenDraw>,
  counts: Counts,
): void {
  counts.read += 1;
  const asked = row.messages.filter(({ role }) => role === 'user');
  const question = asked.map(({ content }) => content).join('\n');
  if (questions.has(question)) counts.repeated += 1;
  else if (accepts?.(row) === false) counts.refused += 1;
  else {
    questions.add(question);
    draw.add(ordinal, (row.tokens?.prompt ?? 0) + (row.tokens?.answer ?? 0), hashShare(seed, 'general', row.id));
  }
}

/** there are rows enough: one with a secret or with personal data is left out */
const screening = { secrets: 'Redact', personalData: 'Redact' } as const;

type Read = { row: Row } | { path: string; place?: string; fault: Fault; value?: unknown };

async function* allRows(files: readonly ListedFile[], countTokens: (text: string) => number): AsyncGenerator<Read> {
  for (const listed of files) {
    const { path } = listed;
    const rows = readRows(listed, { format: 'Auto', historyTurns: null }, importLimits);
    for await (const { row: read } of screenRows(rows, screening)) {
      if ('conversation' in read && isRedacted(JSON.stringify(read.conversation)))
        yield { path, place: read.place, fault: { reason: 'REDACTED', detail: 'something was taken out of it' } };
      else if ('conversation' in read) yield { row: generalRow(path, read.place, read.conversation, countTokens) };
      else if ('fileFault' in read) yield { path, fault: read.fileFault };
      else yield { path, ...read };
    }
  }
}

async function* drawnRows(
  files: readonly ListedFile[],
  ordinals: readonly number[],
  countTokens: (text: string) => number,
): AsyncGenerator<Row> {
  let [next, ordinal] = [0, 0];
  for await (const read of allRows(files, countTokens)) {
    if (ordinal === ordinals[next] && 'row' in read) {
      yield read.row;
      next += 1;
    }
    ordinal += 1;
    if (next === ordinals.length) return;
  }
}

function rejection({ path, place, fault, value }: Exclude<Read, { row: Row }>): RejectedRow {
  const { reason, detail, row } = refusalOf(fault, place, value).refusal;
  return { reason, stage: 'import', detail, path: `${generalSource}/${path}`, chunk: '', row };
}

const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;
const tooFew = (tokens: number, room: number, weight: number, share: number): string =>
  `mixture.general has ${tokens} tokens of the ${room} that domainWeight ${weight} needs: ` +
  `${percent(share)} of the trained tokens are about the documents`;
