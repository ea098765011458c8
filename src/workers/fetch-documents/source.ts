import type { SkippedDocument } from '../../contract/documents.ts';
import type { FetchInput } from '../../contract/inputs.ts';
import type { WorkerContext } from '../shell/run.ts';

/** A selected file of a source: its bytes, or why they were not even read. */
export type Candidate =
  /** `url` is the address of a web page; `isKept`: it did not answer for now, and this is what it said before */
  | { path: string; content: Buffer; url?: string; isKept?: true }
  /** `isTransient`: another look may find it */
  | { path: string; skip: SkippedDocument['reason']; detail?: string; isTransient?: true };

export interface Source {
  /** undefined where only the content names the revision */
  revision: string | undefined;
  /** how many candidates there will be, where it is known beforehand */
  total?: number;
  /** the LICENSE files of the folders of the candidates and above, selected or not */
  licences?: readonly { path: string; content: Buffer }[];
  candidates: AsyncIterable<Candidate>;
}

/** What a source over the network is given besides its own fields. */
export type ReadContext = Pick<WorkerContext, 'store' | 'signal' | 'log' | 'progress'> &
  Pick<FetchInput, 'limits' | 'allowedNetworks'>;

type SourceInput = FetchInput['source'];
export type WebInput = Extract<SourceInput, { web: unknown }>['web'];
export type BucketInput = Extract<SourceInput, { s3: unknown }>['s3'];
