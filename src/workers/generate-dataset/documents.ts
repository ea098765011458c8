import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { documentSchema, type DocumentRecord } from '../../contract/documents.ts';
import type { GenerateInput } from '../../contract/inputs.ts';
import type { ArtifactStore } from '../artifacts/store.ts';
import { WorkerFailure } from '../shell/failure.ts';
import { readLines } from './pipeline/lines.ts';

export type Source = GenerateInput['sources'][number];

/** A document in a verified artifact; its text is in the file. */
export interface StoredDocument {
  record: DocumentRecord;
  source: Source;
  /** absolute path of its text */
  file: string;
}

/** The documents of all sources, in the order of the input; each artifact is verified first. */
export async function* storedDocuments(
  sources: readonly Source[],
  store: ArtifactStore,
): AsyncGenerator<StoredDocument> {
  for (const source of sources) {
    const folder = await store.get(source.artifact);
    for await (const line of readLines<unknown>(join(folder, 'documents.jsonl'))) {
      const record = readRecord(line, source.name);
      yield { record, source, file: join(folder, 'files', record.file ?? record.path) };
    }
  }
}

export const readText = ({ file }: StoredDocument): Promise<string> => readFile(file, 'utf8');

function readRecord(line: unknown, source: string): DocumentRecord {
  const record = documentSchema.safeParse(line);
  const isInside = (path: string): boolean => !path.split('/').includes('..');
  if (record.success && isInside(record.data.path) && isInside(record.data.file ?? '')) return record.data;
  throw new WorkerFailure('data', 'InvalidDocuments', `the documents of source "${source}" are not in a known form`);
}
