import type { DocumentFormat } from '../../contract/documents.ts';
import type { Finding } from './fact.ts';
import type { Section } from './parse/block.ts';
import type { Span } from './parse/prose.ts';

/** What is kept in memory of a document: its text stays on disk. */
export interface DocumentHead {
  index: number;
  /** name of the source */
  source: string;
  path: string;
  format: DocumentFormat;
  sha256: string;
  /** address of a web page */
  url?: string;
  licence?: string;
}

/** What is kept in memory of a chunk. */
export interface ChunkHead extends Span {
  index: number;
  id: string;
  document: number;
  tokens: number;
  kind: 'prose' | 'code' | 'table' | 'api';
  language: 'zh' | 'en';
  heading: readonly string[];
  /** larger than a chunk may be; cut within code, between declarations; nothing but markup */
  flag?: 'OVERSIZE' | 'CUT_CODE' | 'MARKUP';
  /** why it is not asked about, such as DUPLICATE_CHUNK */
  skip?: string;
}

/** All documents of a run, cut into chunks. */
export interface Corpus {
  documents: readonly DocumentHead[];
  /** by document, then by place; the chunks of a document together are the document */
  chunks: readonly ChunkHead[];
  text(document: number): Promise<string>;
  sections(document: number): Promise<readonly Section[]>;
  chunksOf(document: number): readonly ChunkHead[];
  /** name of the project that a source is about */
  project(source: string): string;
  /** whether a code name occurs in any document */
  knowsSymbol(name: string): boolean;
}

/** A piece of work that is done or not: what a killed worker had not finished is done again. */
export interface Unit {
  id: string;
  /** the chunks it is about; the first one is the place of its findings */
  chunks: readonly number[];
  rowsPlanned: number;
}

/** A usable chunk that nothing is asked about, with the reason. */
export interface Unplanned {
  chunk: number;
  reason: string;
  detail: string;
}

/** A way to come by facts. Units and what they find depend on input and documents alone. */
export interface Generator {
  /** as rows tell it */
  about: { name: string; model: string | null; prompt: string | null };
  units: readonly Unit[];
  run(unit: Unit, signal: AbortSignal): Promise<Finding[]>;
}
