import { join } from 'node:path';
import { pMapIterable } from 'p-map';
import type { GenerateInput } from '../../../contract/inputs.ts';
import { openDocumentPool, type DocumentFailure, type DocumentPool } from '../../documents/bounded/pool.ts';
import type { WorkerContext } from '../../shell/run.ts';
import { cutChunks } from '../chunk/chunk.ts';
import { createChunkMarker, type ChunkMarker } from '../chunk/mark/marker.ts';
import type { Tokenizer } from '../chunk/tokens.ts';
import type { ChunkHead, Corpus } from '../corpus.ts';
import { readText, storedDocuments, type StoredDocument } from '../documents.ts';
import { topTitle } from '../extractive/project.ts';
import type { Section } from '../parse/block.ts';
import { foreseeSides } from '../split/foresee.ts';
import type { Pins } from '../split/group.ts';
import { hasContent } from './content.ts';
import { openCorpus, type CorpusParts } from './open-corpus.ts';
import { openSectionLog } from './section-log.ts';
import { createSymbols } from './symbols.ts';

/** of parsing one document */
const parseLimits = { seconds: 60, memoryBytes: 512 * 2 ** 20 };
/** documents that are read and parsed side by side */
const ahead = 4;

export interface UnreadDocument {
  path: string;
  bytes: number;
  failure: DocumentFailure;
}

export interface Prepared {
  corpus: Corpus;
  /** more about why a chunk is skipped, by its index */
  skipDetails: ReadonlyMap<number, string>;
  /** documents that could not be parsed */
  unread: UnreadDocument[];
  close: () => Promise<void>;
}

/** Parse the documents of all sources, each in a bounded process, and cut them into chunks. */
export async function prepareCorpus(
  input: Pick<GenerateInput, 'sources' | 'chunking' | 'split'> & { pins?: Pins | undefined },
  tokenizer: Tokenizer,
  { store, signal }: Pick<WorkerContext, 'store' | 'signal'>,
  scratch: string,
  observe: (document: StoredDocument) => void,
): Promise<Prepared> {
  const sections = await openSectionLog(join(scratch, 'sections'));
  const parts: CorpusParts = { documents: [], chunks: [], files: [], sections, symbols: createSymbols() };
  const unread: UnreadDocument[] = [];
  const marker = createChunkMarker(input.chunking);
  const pool = openDocumentPool(parseLimits);
  try {
    const documents = storedDocuments(input.sources, store);
    const parse = (stored: StoredDocument) => parseStored(stored, pool);
    for await (const { stored, text, parsed } of pMapIterable(documents, parse, { concurrency: ahead })) {
      signal.throwIfAborted();
      observe(stored);
      if ('sections' in parsed)
        await addDocument(stored, text, parsed.sections, parts, marker, { ...input.chunking, tokenizer });
      else unread.push({ path: pathOf(stored), bytes: stored.record.bytes, failure: parsed.failure });
    }
  } catch (error) {
    await sections.close();
    throw error;
  } finally {
    await pool.close();
  }
  const skipDetails = new Map<number, string>();
  const documents = new Set(parts.chunks.map(({ document }) => document)).size;
  const sideOf = foreseeSides(parts, input.split, input.pins, documents);
  for (const [index, { reason, detail }] of marker.finish((chunk) => sideOf(chunk) !== 'train')) {
    const chunk = parts.chunks[index];
    if (chunk === undefined || chunk.skip !== undefined) continue;
    chunk.skip = reason;
    skipDetails.set(index, detail);
  }
  return { unread, skipDetails, corpus: openCorpus(parts), close: () => sections.close() };
}

const pathOf = ({ source, record }: StoredDocument): string => `${source.name}/${record.path}`;

async function parseStored(stored: StoredDocument, pool: DocumentPool) {
  const text = await readText(stored);
  const { path, format } = stored.record;
  return { stored, text, parsed: await pool.parse({ path, format, text }) };
}

async function addDocument(
  { record, source, file }: StoredDocument,
  text: string,
  sections: readonly Section[],
  parts: CorpusParts,
  marker: ChunkMarker,
  { tokenizer, ...limits }: Omit<GenerateInput['chunking'], 'tokenizer'> & { tokenizer: Tokenizer },
): Promise<void> {
  const document = parts.documents.length;
  const { path, format, sha256, url, licence } = record;
  const title = topTitle(text, sections);
  parts.documents.push({
    ...{ index: document, source: source.name, path, format, sha256 },
    ...(url === undefined ? {} : { url }),
    ...(licence === undefined ? {} : { licence }),
    ...(title === undefined ? {} : { title }),
  });
  parts.files.push(file);
  parts.symbols.add(text);
  await parts.sections.add(sections);
  for (const chunk of cutChunks(text, sha256, sections, limits, tokenizer)) {
    const skip = hasContent(chunk, sections) ? {} : { skip: 'NO_CONTENT' };
    const head: ChunkHead = { ...chunk, index: parts.chunks.length, document, ...skip };
    parts.chunks.push(head);
    marker.add({ ...head, path }, text.slice(head.start, head.end));
  }
}
