import type { SkippedDocument } from '../../../contract/documents.ts';

/** why a document could not be read, as the list of skipped documents tells it */
export interface DocumentFailure {
  reason: SkippedDocument['reason'];
  detail: string;
}

/** Thrown for a document that cannot be read, whoever tries. */
export class UnreadableDocument extends Error {
  readonly reason: SkippedDocument['reason'];

  constructor(reason: SkippedDocument['reason'], detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.name = 'UnreadableDocument';
    this.reason = reason;
  }
}

const maxDetail = 500;

/** Any thrown value as the failure of the document: its readers throw what they like. */
export function asDocumentFailure(error: unknown): DocumentFailure {
  const message = error instanceof Error ? error.message : String(error);
  const detail = message.slice(0, maxDetail);
  if (error instanceof UnreadableDocument) return { reason: error.reason, detail };
  if (/allocation failed|out of memory|invalid (?:typed )?array (?:buffer )?length/i.test(message))
    return { reason: 'ConvertOutOfMemory', detail };
  return { reason: 'BadDocument', detail };
}
