import type { DocumentFormat } from '../../../contract/documents.ts';
import type { PackedSection } from '../../generate-dataset/parse/packed.ts';
import type { ConvertedFormat } from '../convert/index.ts';
import type { DocumentFailure } from '../convert/failure.ts';

/** What the pool asks a child process, one request at a time. */
export type Request =
  | { kind: 'convert'; path: string; format: ConvertedFormat; content: Uint8Array }
  | { kind: 'parse'; path: string; format: DocumentFormat; text: string };

/** `number` is that of the answer, so that what a library throws late is not taken for the next document's. */
export interface Numbered {
  number: number;
  request: Request;
}

/** What the child process answers; `ready` once, when its program has been loaded. */
export type Reply = { ready: true } | { number: number; answer: Answer };
export type Answer = { text: string } | { sections: PackedSection[] } | { failure: DocumentFailure };
