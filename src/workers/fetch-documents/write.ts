import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { DocumentRecord, SkippedDocument } from '../../contract/documents.ts';
import type { FetchInput } from '../../contract/inputs.ts';
import { convertedFormats } from '../documents/convert/index.ts';
import { WorkerFailure } from '../shell/failure.ts';
import type { Prepared, Refused } from './prepare.ts';

export interface DocumentsWriter {
  folder: string;
  /** The first document of a name is kept, so call this in the order of the source. */
  add(document: Prepared): Promise<void>;
  skip(path: string, refused: Refused): void;
  /** Write the two lists. Call once, last. */
  finish(): Promise<{ documents: DocumentRecord[]; skipped: SkippedDocument[] }>;
}

/** Writes the documents artifact into a folder: the same documents in the same order give the same bytes. */
export async function openWriter(folder: string, limits: FetchInput['limits']): Promise<DocumentsWriter> {
  const documents: DocumentRecord[] = [];
  const skipped: SkippedDocument[] = [];
  let totalBytes = 0;
  await mkdir(join(folder, 'files'), { recursive: true });

  const skip = (path: string, { skip: reason, detail }: Refused): void => {
    skipped.push({
      path: path.slice(0, 1024),
      reason,
      ...(detail === undefined ? {} : { detail: detail.slice(0, 512) }),
    });
  };
  return {
    folder,
    skip,
    async add({ record, text }) {
      const bytes = Buffer.from(text, 'utf8');
      const file = fileOf(record);
      const refused = await place(join(folder, 'files', file), bytes);
      if (refused !== undefined) {
        skip(record.path, refused);
        return;
      }
      totalBytes += bytes.length;
      checkTotal(documents.length + 1, totalBytes, limits);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const { path, format, ...rest } = record;
      documents.push({ path, ...(file === path ? {} : { file }), format, bytes: bytes.length, sha256, ...rest });
    },
    async finish() {
      await writeFile(join(folder, 'documents.jsonl'), renderLines(documents));
      await writeFile(join(folder, 'skipped.jsonl'), renderLines(skipped));
      return { documents, skipped };
    },
  };
}

/** What was converted is Markdown; a long name is cut so that the ending fits a file name. */
export function fileOf({ path, format }: Pick<DocumentRecord, 'path' | 'format'>): string {
  if (!convertedFormats.some((converted) => converted === format)) return path;
  const name =
    Buffer.from(basename(path)).length > 250 ? createHash('sha256').update(path).digest('hex') : basename(path);
  return join(dirname(path), `${name}.md`);
}

/** Never through something that is already there: a source may hold a file and a folder, or two files, of one name. */
async function place(target: string, bytes: Buffer): Promise<Refused | undefined> {
  try {
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, bytes, { flag: 'wx' });
    return undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'EEXIST' || code === 'EISDIR' || code === 'ENOTDIR') {
      return { skip: 'Duplicate', detail: 'another document or folder has its name' };
    }
    if (code === 'ENAMETOOLONG') return { skip: 'BadPath', detail: 'its path is too long' };
    throw error;
  }
}

const renderLines = (records: { path: string }[]): string =>
  records
    .sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)))
    .map((record) => `${JSON.stringify(record)}\n`)
    .join('');

function checkTotal(count: number, bytes: number, limits: FetchInput['limits']): void {
  const narrow = 'narrow include or add to exclude';
  if (count > limits.maxDocuments) {
    const message = `the source has more than ${limits.maxDocuments} documents: ${narrow}`;
    throw new WorkerFailure('source', 'TooManyDocuments', message);
  }
  if (bytes > limits.maxTotalBytes) {
    const message = `the documents are larger than ${limits.maxTotalBytes} bytes together: ${narrow}`;
    throw new WorkerFailure('source', 'SourceTooLarge', message);
  }
}
