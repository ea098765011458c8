import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { documentSchema, type DocumentRecord } from '../../contract/documents.ts';
import type { GenerateInput } from '../../contract/inputs.ts';
import type { ArtifactStore } from '../artifacts/store.ts';
import { WorkerFailure } from '../shell/failure.ts';
import type { Section } from './parse/block.ts';
import { parseDocument } from './parse/index.ts';

export interface LoadedDocument extends DocumentRecord {
  /** name of the source it comes from */
  source: string;
  text: string;
  sections: Section[];
}

/** Read and parse the documents of one source; the artifact is verified first. */
export async function loadDocuments(
  { name, artifact }: GenerateInput['sources'][number],
  store: ArtifactStore,
): Promise<LoadedDocument[]> {
  const folder = await store.get(artifact);
  const lines = (await readFile(join(folder, 'documents.jsonl'), 'utf8')).split('\n').filter((line) => line !== '');
  const documents: LoadedDocument[] = [];
  for (const line of lines) {
    const record = readRecord(line, name);
    const text = await readFile(join(folder, 'files', record.path), 'utf8');
    documents.push({ ...record, source: name, text, sections: await parseDocument(record, text) });
  }
  return documents;
}

function readRecord(line: string, source: string): DocumentRecord {
  const record = documentSchema.safeParse(JSON.parse(line));
  if (record.success && !record.data.path.split('/').includes('..')) return record.data;
  throw new WorkerFailure('data', 'InvalidDocuments', `the documents of source "${source}" are not in a known form`);
}
