import type { Fault } from '../conversation.ts';
import { readBytes } from './bytes.ts';
import { splitItems } from './items.ts';
import { splitLines } from './lines.ts';
import { FileFault, type FileRecord, type ImportLimits, type Piece } from './record.ts';
import { readTable } from './table.ts';

const known = /\.(jsonl|ndjson|json|csv)(\.gz)?$/i;
export const isRowFile = (path: string): boolean => known.test(path);

/** The rows of a file one by one, as values that nothing is known of yet. Throws a FileFault where the rest is unreadable. */
export async function* readFileRecords(file: string, limits: ImportLimits): AsyncGenerator<FileRecord> {
  const bytes = withoutMark(readBytes(file, limits));
  if (/\.csv(\.gz)?$/i.test(file)) {
    yield* readTable(bytes, limits);
    return;
  }
  const { first, chunks } = await peek(bytes);
  const pieces = first === '[' ? splitItems(chunks, limits) : splitLines(chunks, limits);
  for await (const piece of pieces) yield parsePiece(piece);
}

function parsePiece(piece: Piece): FileRecord {
  if ('fault' in piece) return piece;
  const { place, bytes } = piece;
  const fault = (reason: string, detail: string): { place: string; fault: Fault } => ({
    place,
    fault: { reason, detail },
  });
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return fault('BAD_ENCODING', 'is not UTF-8');
  }
  try {
    return { place, value: JSON.parse(text) as unknown };
  } catch (error) {
    return fault('BAD_JSON', error instanceof Error ? error.message : String(error));
  }
}

/** The first character that is no white space decides: an array, or a row a line. */
async function peek(bytes: AsyncGenerator<Buffer>): Promise<{ first: string; chunks: AsyncGenerator<Buffer> }> {
  const head: Buffer[] = [];
  let first = '';
  while (first === '') {
    const next = await bytes.next();
    if (next.done === true) break;
    head.push(next.value);
    first = next.value.toString('latin1').trimStart().slice(0, 1);
  }
  return { first, chunks: rejoin(head, bytes) };
}

async function* rejoin(head: readonly Buffer[], rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield* head;
  yield* rest;
}

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

async function* withoutMark(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let isStart = true;
  for await (const chunk of bytes) {
    if (isStart && (chunk[0] === 0xff || chunk[0] === 0xfe)) {
      throw new FileFault('BAD_ENCODING', 'is UTF-16: convert it to UTF-8');
    }
    yield isStart && chunk.subarray(0, 3).equals(byteOrderMark) ? chunk.subarray(3) : chunk;
    isStart = false;
  }
}
