import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tellUnanswered } from '../../contract/documents.ts';
import type { FetchInput } from '../../contract/inputs.ts';
import { openDocumentPool } from '../documents/bounded/pool.ts';
import { decode } from '../documents/clean/decode.ts';
import { unknownNames } from '../documents/licence/expression.ts';
import { openLicences } from '../documents/licence/licences.ts';
import { findSecrets } from '../documents/screen/secrets.ts';
import { WorkerFailure, WorkerStopped } from '../shell/failure.ts';
import type { Outcome, WorkerContext } from '../shell/run.ts';
import { mapInOrder } from './in-order.ts';
import { openSource, sourceField } from './open-source.ts';
import { prepareDocument, type Preparation, type Prepared, type Refused } from './prepare.ts';
import type { Candidate, Source } from './source.ts';
import { summarise, type Unanswered } from './summary.ts';
import { openWriter, type DocumentsWriter } from './write.ts';

/** documents held in memory while earlier ones are converted */
const ahead = 4;

/** Fetch the documents of one source, clean and screen them, and publish them as an artifact. */
export async function fetchDocuments(input: FetchInput, context: WorkerContext): Promise<Outcome<'fetch-documents'>> {
  checkLicences(input.screening.licences);
  const scratch = await mkdtemp(join(tmpdir(), 'doctune-'));
  const { convertSeconds: seconds, convertMemoryBytes: memoryBytes } = input.limits;
  const pool = openDocumentPool({ seconds, memoryBytes });
  try {
    const writer = await openWriter(join(scratch, 'documents'), input.limits);
    const source = await openSource(input, scratch, { ...context, ...input });
    const preparation = { policy: input, pool, licenceOf: await openLicences(licenceTexts(source)) };
    const { redactions, unanswered } = await writeAll(source, preparation, writer, context);
    const { documents, skipped } = await writer.finish();
    if (documents.length === 0) throw noDocuments(input, skipped.length);

    const summary = summarise(documents, skipped, redactions, unanswered);
    context.progress.report({ share: 1, metrics: { documents: documents.length, documents_skipped: skipped.length } });
    const artifact = await context.store.put(writer.folder, 'documents');
    return {
      reason: 'Fetched',
      message: `fetched ${documents.length} documents, skipped ${skipped.length}${tellUnanswered(unanswered)}`,
      artifact,
      summary: { revision: source.revision ?? artifact.digest, documents: summary },
    };
  } finally {
    await pool.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

async function writeAll(
  source: Source,
  preparation: Preparation,
  writer: DocumentsWriter,
  { signal, progress }: WorkerContext,
): Promise<{ redactions: Prepared['redactions']; unanswered: Unanswered }> {
  const redactions = { secrets: 0, personalData: 0 };
  const unanswered = { kept: 0, missing: 0 };
  const metrics = { documents: 0, documents_skipped: 0 };
  const prepare = async (candidate: Candidate): Promise<{ path: string; outcome: Prepared | Refused }> => {
    if ('skip' in candidate && candidate.isTransient === true) unanswered.missing += 1;
    if ('content' in candidate && candidate.isKept === true) unanswered.kept += 1;
    const path = await screenPath(candidate.path, preparation);
    if (path !== candidate.path) return { path, outcome: { skip: 'Secret', detail: 'its path holds a secret' } };
    return { path, outcome: 'skip' in candidate ? candidate : await prepareDocument(candidate, preparation) };
  };
  for await (const { path, outcome } of mapInOrder(source.candidates, ahead, prepare)) {
    if (signal.aborted) throw new WorkerStopped(false);
    if ('skip' in outcome) {
      writer.skip(path, outcome);
      metrics.documents_skipped += 1;
    } else {
      await writer.add(outcome);
      metrics.documents += 1;
      redactions.secrets += outcome.redactions.secrets;
      redactions.personalData += outcome.redactions.personalData;
    }
    const done = metrics.documents + metrics.documents_skipped;
    // a source that does not know its size beforehand tells its own progress
    if (source.total !== undefined) progress.report({ share: done / Math.max(1, source.total), metrics });
  }
  return { redactions, unanswered };
}

/** Paths are in the lists of the artifact, and those of skipped files too. */
async function screenPath(path: string, { policy }: Preparation): Promise<string> {
  const spans = policy.screening.secrets === 'Off' ? [] : await findSecrets(path);
  return spans.reduceRight(
    (text, { start, end, kind }) => `${text.slice(0, start)}[redacted:${kind}]${text.slice(end)}`,
    path,
  );
}

function licenceTexts({ licences = [] }: Source): { path: string; text: string }[] {
  return licences.flatMap(({ path, content }) => {
    const decoded = decode(content);
    return 'text' in decoded ? [{ path, text: decoded.text.replaceAll('\r\n', '\n') }] : [];
  });
}

/** A name that no licence has would let everything pass, or nothing. */
function checkLicences(licences: FetchInput['screening']['licences']): void {
  for (const [list, names] of Object.entries(licences)) {
    const [name] = unknownNames(names);
    if (name === undefined) continue;
    const message = `spec.screening.licences.${list} holds "${name}", which is no SPDX identifier: write it as in "Apache-2.0"`;
    throw new WorkerFailure('config', 'UnknownLicence', message);
  }
}

function noDocuments(input: FetchInput, skipped: number): WorkerFailure {
  const field = sourceField(input);
  const what =
    skipped === 0 ? 'no file matches' : `none of the ${skipped} matching files is a document that can be read`;
  return new WorkerFailure('source', 'NoDocuments', `${what}: change ${field}.include or ${field}.exclude`);
}
