import { stringify } from 'csv-stringify';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { splits, type Manifest, type Row } from '../../../contract/rows.ts';
import { hashFile } from '../../artifacts/files.ts';
import { readLines } from '../pipeline/lines.ts';
import { sheetColumns } from './columns.ts';
import { createStratifiedDraw } from './sample.ts';

export interface SheetSettings {
  /** rows on the sheet */
  sample: number;
  seed: number;
}

/**
 * Write review/sheet.csv: rows of a finished dataset folder, drawn evenly within each task. Of a fact one wording is
 * shown; copies and general rows are not. Cells that a spreadsheet would run as a formula get a quote in front.
 */
export async function writeSheet(folder: string, { sample, seed }: SheetSettings): Promise<Manifest['files'][number]> {
  const draw = createStratifiedDraw(sample, seed);
  for await (const { id, task } of reviewable(folder)) draw.add(id, task);
  const drawn = draw.drawn();
  await mkdir(join(folder, 'review'), { recursive: true });
  const path = 'review/sheet.csv';
  await pipeline(
    Readable.from(sheetRows(folder, drawn)),
    // spreadsheets take a file without the mark for Latin-1
    stringify({ header: true, columns: [...sheetColumns], escape_formulas: true, bom: true }),
    createWriteStream(join(folder, path)),
  );
  return { path, rows: drawn.size, sha256: await hashFile(join(folder, path)) };
}

async function* reviewable(folder: string): AsyncGenerator<Row> {
  for (const split of splits) {
    let fact = '';
    for await (const row of readLines<Row>(join(folder, `${split}.jsonl`))) {
      // wordings of a fact follow one another; those that are held back stand for a trained fact
      const isShown = row.fact !== fact && row.probe !== 'recall' && row.domain !== 'general' && !row.parents?.length;
      fact = row.fact;
      if (isShown) yield row;
    }
  }
}

async function* sheetRows(folder: string, drawn: ReadonlySet<string>): AsyncGenerator<Record<string, string>> {
  for await (const row of reviewable(folder)) {
    if (!drawn.has(row.id)) continue;
    const { id, fact, task, messages, source } = row;
    yield {
      id,
      fact,
      task,
      question: questionOf(messages),
      answer: messages.at(-1)?.content ?? '',
      evidence: source.evidence.map(({ quote }) => quote).join('\n---\n'),
      url: source.url ?? placeOf(source),
    };
  }
}

/** Where nothing can be opened: the file, and the heading or line in it. */
const placeOf = ({ source, path, heading }: Row['source']): string =>
  [`${source}/${path}`, ...heading.slice(-1)].join(' > ');

/** The question, below what was said before it. */
function questionOf(messages: Row['messages']): string {
  const before = messages.slice(0, -2).map(({ role, content }) => `${role}: ${content}`);
  return [...before, messages.at(-2)?.content ?? ''].join('\n\n');
}
