import type { Task } from '../../../contract/rows.ts';
import type { Prose, Span } from '../parse/prose.ts';

/** What a model wrote, before anything of it is believed. */
export interface Draft {
  task: Task;
  /** the language that was asked for */
  language: 'zh' | 'en';
  questions: readonly string[];
  answer: string;
  /** quotes */
  evidence: readonly string[];
  reasoning?: string;
  /** name that no document may know (task unanswerable) */
  absent?: string;
  /** what was said before the question, oldest first */
  earlier?: readonly Turn[];
}

export interface Turn {
  question: string;
  answer: string;
  evidence: readonly string[];
}

/** A range of a document that the model was shown. */
export interface Passage extends Span {
  document: number;
  chunk: number;
  text: string;
  /** the text with each run of white space as one blank; its characters know where they stand */
  written: () => Prose;
  /** the text as a reader sees it, without markup; read only where the text itself is not enough */
  prose: () => Promise<Prose>;
}

/** What a draft is held against. */
export interface Scene {
  project: string;
  passages: readonly Passage[];
  knowsSymbol: (name: string) => boolean;
  /** of the prompts: an answer that repeats them is none */
  promptWords: ReadonlySet<string>;
  areSymbolsChecked: boolean;
  isCodeParsed: boolean;
}

export interface Problem {
  /** such as NO_EVIDENCE */
  reason: string;
  detail: string;
}

export type Check = (draft: Draft, scene: Scene) => Problem | undefined | Promise<Problem | undefined>;

/** a question that takes something wrong for granted, or has no answer */
export const isRefusing = (task: Task): boolean => task === 'falsePremise' || task === 'unanswerable';

/** All that was shown, as one text. */
export const shownText = ({ passages }: Scene): string => passages.map(({ text }) => text).join('\n');
