import type { Row } from '../../../contract/rows.ts';
import type { Fact } from '../fact.ts';
import type { Changes } from './consistent.ts';

/** A fact as it lies on disk, one line each, in the order in which facts are found. */
export interface FactRecord {
  fact: Fact;
  /** index of the chunk it belongs to */
  chunk: number;
  /** its evidence word for word */
  evidence: Row['source']['evidence'];
  review?: Row['review'];
  /** what consistency changed, by kind */
  changes?: Changes;
}

/** What is kept in memory of a fact. */
export interface FactHead {
  /** the same for all wordings of a fact, in every version of the dataset */
  id: string;
  chunk: number;
  document: number;
  /** below which headings it stands: facts with the same are one section */
  section: string;
  /** chunks that it takes evidence from besides its own */
  others: readonly number[];
  /** the higher, the sooner it is taken */
  value: number;
  /** decides between facts of the same value, 0 to 1 */
  draw: number;
  wordings: number;
  task: Fact['task'];
  /** why it is turned down after all */
  rejection?: { reason: string; stage: string; detail: string };
}

export const isKept = ({ rejection }: FactHead): boolean => rejection === undefined;
