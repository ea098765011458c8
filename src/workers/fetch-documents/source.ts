import type { SkippedDocument } from '../../contract/documents.ts';

/** A selected file of a source: its bytes, or why they were not even read. */
export type Candidate = { path: string; content: Buffer } | { path: string; skip: SkippedDocument['reason'] };

export interface Source {
  /** undefined where only the content names the revision */
  revision: string | undefined;
  candidates: AsyncIterable<Candidate>;
}
