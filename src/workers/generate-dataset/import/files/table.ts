import { CsvError, parse } from 'csv-parse';
import { Readable } from 'node:stream';
import { FileFault, type FileRecord, type ImportLimits } from './record.ts';

/** Rows of a table with a head line. A row with too few or too many cells fails alone. */
export async function* readTable(
  chunks: AsyncIterable<Buffer>,
  { rowBytes }: Pick<ImportLimits, 'rowBytes'>,
): AsyncGenerator<FileRecord> {
  const refused: FileRecord[] = [];
  const parser = parse({
    bom: true,
    columns: true,
    info: true,
    max_record_size: rowBytes,
    skip_empty_lines: true,
    skip_records_with_error: true,
    on_skip: (error) => {
      const fault = { reason: 'BAD_CSV', detail: error?.message ?? 'cannot be read' };
      refused.push({ place: `line ${Number(error?.lines)}`, fault });
      return undefined;
    },
  });
  const source = Readable.from(checkText(chunks));
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: object; info: { lines: number } }>) {
      yield* refused.splice(0);
      yield { place: `line ${info.lines}`, value: record };
    }
  } catch (error) {
    if (error instanceof CsvError) throw new FileFault('BAD_CSV', error.message, { cause: error });
    throw error;
  } finally {
    source.destroy();
  }
  yield* refused;
}

async function* checkText(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const chunk of chunks) yield decoder.decode(chunk, { stream: true });
    yield decoder.decode();
  } catch (error) {
    if (error instanceof TypeError) throw new FileFault('BAD_ENCODING', 'is not UTF-8: convert it', { cause: error });
    throw error;
  }
}
