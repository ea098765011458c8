import { readFile } from 'node:fs/promises';
import { LRUCache } from 'lru-cache';
import type { ChunkHead, Corpus, DocumentHead } from '../corpus.ts';
import { projectNames, type Title } from '../extractive/project.ts';
import type { Section } from '../parse/block.ts';
import type { SectionLog } from './section-log.ts';
import type { Symbols } from './symbols.ts';

/** characters of texts that are kept at hand; units of one document come close together */
const textsAtHand = 16 * 2 ** 20;
/** sections take far more room than the text they were parsed from */
const documentsAtHand = 4;

export interface CorpusParts {
  documents: (DocumentHead & Title)[];
  chunks: ChunkHead[];
  /** path of the text of each document */
  files: string[];
  sections: SectionLog;
  symbols: Symbols;
}

/** A read that the others have crowded out while it was under way is of use to who waits for it. */
const keepReading = { ignoreFetchAbort: true } as const;

/** The documents of a run: heads in memory, texts and sections on disk. */
export function openCorpus({ documents, chunks, files, sections, symbols }: CorpusParts): Corpus {
  const firstChunk = firstChunks(documents.length, chunks);
  const projects = projectNames(documents);
  const texts = new LRUCache<number, { text: string }>({
    maxSize: textsAtHand,
    sizeCalculation: ({ text }) => text.length + 1,
    ...keepReading,
    fetchMethod: async (document) => ({ text: await readFile(files[document] ?? '', 'utf8') }),
  });
  const parsed = new LRUCache<number, readonly Section[]>({
    max: documentsAtHand,
    ...keepReading,
    fetchMethod: (document) => sections.read(document),
  });
  return {
    documents,
    chunks,
    text: async (document) => (await texts.forceFetch(document)).text,
    sections: (document) => parsed.forceFetch(document),
    chunksOf: (document) => chunks.slice(firstChunk[document], firstChunk[document + 1]),
    project: (source) => projects.get(source) ?? source,
    knowsSymbol: (name) => symbols.has(name),
  };
}

/** Index of the first chunk of each document, and one more for the end. */
function firstChunks(documents: number, chunks: readonly ChunkHead[]): number[] {
  const first = Array.from({ length: documents + 1 }, () => chunks.length);
  for (const { index, document } of chunks.toReversed()) first[document] = index;
  for (let document = documents - 1; document >= 0; document -= 1)
    first[document] = Math.min(first[document] ?? 0, first[document + 1] ?? 0);
  return first;
}
