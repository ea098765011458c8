import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FetchInput } from '../../contract/inputs.ts';
import { WorkerFailure, WorkerStopped } from '../shell/failure.ts';
import type { Outcome, WorkerContext } from '../shell/run.ts';
import { readFolder } from './folder.ts';
import { readRepository } from './git/repository.ts';
import { createSelection } from './select.ts';
import type { Candidate, Source } from './source.ts';
import { openWriter, type DocumentsWriter } from './write.ts';

/** Fetch the documents of one source and publish them as an artifact. */
export async function fetchDocuments(input: FetchInput, context: WorkerContext): Promise<Outcome<'fetch-documents'>> {
  const scratch = await mkdtemp(join(tmpdir(), 'doctune-'));
  try {
    const writer = await openWriter(join(scratch, 'documents'), input.limits);
    const source = await openSource(input, scratch, context.signal);
    for await (const candidate of source.candidates) {
      if (context.signal.aborted) throw new WorkerStopped(false);
      await add(writer, candidate);
    }
    const { documents, skipped } = await writer.finish();
    if (documents.length === 0) throw noDocuments(input, skipped.length);

    context.progress.report({ share: 1, metrics: { documents: documents.length, documents_skipped: skipped.length } });
    const artifact = await context.store.put(writer.folder, 'documents');
    const byFormat: Record<string, number> = {};
    for (const { format } of documents) byFormat[format] = (byFormat[format] ?? 0) + 1;
    return {
      reason: 'Fetched',
      message: `fetched ${documents.length} documents, skipped ${skipped.length}`,
      artifact,
      summary: {
        revision: source.revision ?? artifact.digest,
        documents: {
          total: documents.length,
          skipped: skipped.length,
          byFormat,
          bySkipReason: {},
          redactions: { secrets: 0, personalData: 0 },
          licences: {},
        },
      },
    };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function openSource({ source, limits }: FetchInput, scratch: string, signal: AbortSignal): Promise<Source> {
  if ('files' in source) {
    const { path, include, exclude } = source.files;
    return readFolder(path, createSelection(include, exclude), limits.maxDocumentBytes);
  }
  if (!('git' in source)) throw new WorkerFailure('config', 'UnknownSource', 'this kind of source is not known');
  const { include, exclude } = source.git;
  const selection = createSelection(include, exclude);
  return readRepository(source.git, selection, { scratch, signal, maxDocumentBytes: limits.maxDocumentBytes });
}

async function add(writer: DocumentsWriter, candidate: Candidate): Promise<void> {
  if ('skip' in candidate) writer.skip(candidate.path, candidate.skip);
  else await writer.add(candidate.path, candidate.content);
}

function noDocuments(input: FetchInput, skipped: number): WorkerFailure {
  const field = 'git' in input.source ? 'spec.git' : 'spec.files';
  const what =
    skipped === 0 ? 'no file matches' : `none of the ${skipped} matching files is a document that can be read`;
  return new WorkerFailure('source', 'NoDocuments', `${what}: change ${field}.include or ${field}.exclude`);
}
