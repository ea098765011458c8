import type { Row } from '../../contract/rows.ts';
import type { Span } from './parse/prose.ts';

/** Something a document says, asked for in several wordings. */
export interface Fact {
  task: Row['task'];
  language: 'zh' | 'en';
  /** the same question in different words, the plainest first; at least one */
  questions: string[];
  answer: string;
  /** ranges of the document that say so */
  evidence: Span[];
  heading: string[];
  /** the higher, the sooner it is taken when there is room for some only */
  weight: number;
}

/** What was looked at and not taken, with the reason. */
export interface Refusal {
  reason: string;
  detail: string;
  at: number;
  row: unknown;
}

export type Finding = { fact: Fact } | { refusal: Refusal };
