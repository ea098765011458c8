import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { GenerateInput } from '../../../contract/inputs.ts';
import { hashFile } from '../../artifacts/files.ts';
import { WorkerFailure } from '../../shell/failure.ts';
import type { ChunkHead, Corpus, DocumentHead, Generator, Unit } from '../corpus.ts';
import type { Finding } from '../fact.ts';
import { listRowFiles, type ListedFile } from './files/list.ts';
import { importLimits, type ImportLimits } from './files/record.ts';
import { factOf, refusalOf } from './finding.ts';
import { openRecordLog, type Batch, type RecordLog } from './log.ts';
import { readRows } from './read-rows.ts';
import { screenRows } from './screen.ts';

type Import = NonNullable<GenerateInput['importFrom']>;

export interface ImportedFile {
  path: string;
  sha256: string;
  rows: number;
  rejected: number;
  /** pieces that screening took out, by kind */
  redactions: Record<string, number>;
  /** the rest of it could not be read */
  isBroken: boolean;
}

export interface Imported {
  /** one document a file, without text; one chunk for each unit of rows */
  corpus: Corpus;
  generator: Generator;
  files: ImportedFile[];
  failedFiles: number;
  close: () => Promise<void>;
}

/** name of the source that imported rows tell */
export const importSource = 'import';
/** a unit of rows ends at either of them */
const unitRows = 500;
const unitBytes = 8 * 2 ** 20;

/**
 * Read rows that were made elsewhere once, check them, and lay them down in the folder `scratch`, so that the pipeline
 * can take them unit by unit. Throws a WorkerFailure when there is no file.
 */
export async function openImport(
  settings: Import,
  scratch: string,
  limits: ImportLimits = importLimits,
): Promise<Imported> {
  const listed = await listRowFiles(settings.path, 'importFrom');
  if (listed.length === 0) {
    throw new WorkerFailure('data', 'NoRows', 'importFrom names an empty folder: put files of rows into it');
  }
  const log = await openRecordLog<Finding>(join(scratch, 'import.log'));
  const files: ImportedFile[] = [];
  const batches: { document: number; batch: Batch }[] = [];
  for (const [document, file] of listed.entries()) {
    files.push(await readInto(log, file, settings, limits, (batch) => batches.push({ document, batch })));
  }
  const corpus = corpusOf(files, batches);
  return {
    corpus,
    generator: generatorOf(corpus, batches, log),
    files,
    failedFiles: files.filter(({ isBroken }) => isBroken).length,
    close: () => log.close(),
  };
}

async function readInto(
  log: RecordLog<Finding>,
  listed: ListedFile,
  settings: Import,
  limits: ImportLimits,
  onBatch: (batch: Batch) => void,
): Promise<ImportedFile> {
  const sha256 =
    'file' in listed ? await hashFile(listed.file) : createHash('sha256').update(listed.path).digest('hex');
  const file: ImportedFile = { path: listed.path, sha256, rows: 0, rejected: 0, redactions: {}, isBroken: false };
  for await (const { row: read, redactions } of screenRows(readRows(listed, settings, limits), settings.screening)) {
    for (const [kind, count] of Object.entries(redactions))
      file.redactions[kind] = (file.redactions[kind] ?? 0) + count;
    if ('conversation' in read) {
      file.rows += 1;
      log.add({ fact: factOf(read.conversation, read.place) });
    } else {
      file.rejected += 1;
      file.isBroken ||= 'fileFault' in read;
      log.add('fileFault' in read ? refusalOf(read.fileFault) : refusalOf(read.fault, read.place, read.value));
    }
    const { bytes, records } = log.pending();
    if (records >= unitRows || bytes >= unitBytes) onBatch(await log.endBatch());
  }
  if (log.pending().records > 0) onBatch(await log.endBatch());
  return file;
}

type Placed = readonly { document: number; batch: Batch }[];

function corpusOf(files: readonly ImportedFile[], batches: Placed): Corpus {
  const documents = files.map(({ path, sha256 }, index): DocumentHead => ({
    index,
    source: importSource,
    path,
    format: 'text',
    sha256,
  }));
  const chunks = batches.map(({ document }, index): ChunkHead => {
    const id = createHash('sha256')
      .update(`${files[document]?.sha256 ?? ''} rows ${index}`)
      .digest('hex');
    const about = { kind: 'prose', language: 'en', heading: [] } as const;
    return { index, id: `sha256:${id}`, document, start: 0, end: 0, tokens: 0, ...about };
  });
  return {
    documents,
    chunks,
    text: () => Promise.resolve(''),
    sections: () => Promise.resolve([]),
    chunksOf: (document) => chunks.filter((chunk) => chunk.document === document),
    project: () => importSource,
    // there is no corpus that a name could be missing from
    knowsSymbol: () => true,
  };
}

function generatorOf(corpus: Corpus, batches: Placed, log: RecordLog<Finding>): Generator {
  const units = corpus.chunks.map(({ id, index }): Unit => ({
    id,
    chunks: [index],
    rowsPlanned: batches[index]?.batch.records ?? 0,
  }));
  return {
    about: { name: 'import', model: null, prompt: null },
    units,
    async run(unit) {
      const batch = batches[unit.chunks[0] ?? -1]?.batch;
      return batch === undefined ? [] : log.read(batch);
    },
  };
}
