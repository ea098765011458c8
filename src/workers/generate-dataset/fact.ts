import type { Row, Task } from '../../contract/rows.ts';
import type { Span } from './parse/prose.ts';

export interface Evidence extends Span {
  /** index of the document that the range lies in, if it is not the document of the fact */
  document?: number;
}

/** Something a document says, asked for in several wordings. */
export interface Fact {
  task: Task;
  language: 'zh' | 'en';
  /** the same question in different words, the plainest first; at least one */
  questions: string[];
  answer: string;
  /** ranges of the document that say so */
  evidence: Evidence[];
  heading: string[];
  /** the higher, the sooner it is taken when there is room for some only */
  weight: number;
  /** system prompt, of rows that were made elsewhere */
  system?: string;
  /** what was said before the question, oldest first */
  earlier?: { question: string; answer: string }[];
  /** other documents that it tells of: all of them lie on one side of the split */
  documents?: number[];
  /** chunks that were shown for it, where those are several: their text may be in question and answer, whatever is quoted */
  shown?: readonly number[];
  reasoning?: string;
  /** right answers besides `answer`, of rows that were made elsewhere */
  references?: string[];
  /** an answer to the same question that was turned down */
  worse?: string;
  scores?: Row['scores'];
  cost?: number;
  /** how it was asked for: prompt, persona, temperature */
  generator?: Partial<Row['generator']>;
}

/** What was looked at and not taken, with the reason. */
export interface Refusal {
  /** such as NO_EVIDENCE */
  reason: string;
  stage?: string;
  detail: string;
  at: number;
  row: unknown;
  cost?: number;
}

export type Finding = { fact: Fact } | { refusal: Refusal };
