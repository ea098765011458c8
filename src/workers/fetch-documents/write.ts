import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DocumentFormat, DocumentRecord, SkippedDocument } from '../../contract/documents.ts';
import type { FetchInput } from '../../contract/inputs.ts';
import { WorkerFailure } from '../shell/failure.ts';
import { decode, formatOf } from './classify.ts';
import { isSafePath } from './path.ts';

export interface DocumentsWriter {
  folder: string;
  add(path: string, content: Buffer): Promise<void>;
  skip(path: string, reason: SkippedDocument['reason']): void;
  /** Write the two lists. Call once, last. */
  finish(): Promise<{ documents: DocumentRecord[]; skipped: SkippedDocument[] }>;
}

/** Writes the documents artifact into a folder: what is no document is skipped with its reason. */
export async function openWriter(folder: string, limits: FetchInput['limits']): Promise<DocumentsWriter> {
  const documents: DocumentRecord[] = [];
  const skipped: SkippedDocument[] = [];
  let totalBytes = 0;
  await mkdir(join(folder, 'files'), { recursive: true });

  const skip = (path: string, reason: SkippedDocument['reason']): void => {
    skipped.push({ path: path.slice(0, 1024), reason });
  };
  return {
    folder,
    skip,
    async add(path, content) {
      const checked = check(path, content, limits.maxDocumentBytes);
      if ('skip' in checked) {
        skip(path, checked.skip);
        return;
      }
      const bytes = Buffer.from(checked.text, 'utf8');
      totalBytes += bytes.length;
      checkTotal(documents.length + 1, totalBytes, limits);
      const target = join(folder, 'files', path);
      await mkdir(dirname(target), { recursive: true });
      // never through something that is already there
      await writeFile(target, bytes, { flag: 'wx' });
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      documents.push({ path, format: checked.format, bytes: bytes.length, sha256 });
    },
    async finish() {
      await writeFile(join(folder, 'documents.jsonl'), renderLines(documents));
      await writeFile(join(folder, 'skipped.jsonl'), renderLines(skipped));
      return { documents, skipped };
    },
  };
}

type Checked = { format: DocumentFormat; text: string } | { skip: SkippedDocument['reason'] };

function check(path: string, content: Buffer, maxBytes: number): Checked {
  if (!isSafePath(path)) return { skip: 'BadPath' };
  const format = formatOf(path);
  if (format === undefined) return { skip: 'UnknownFormat' };
  if (content.length > maxBytes) return { skip: 'TooLarge' };
  const decoded = decode(content);
  return 'skip' in decoded ? decoded : { format, text: decoded.text };
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
