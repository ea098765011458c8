import type { Chat } from '../chat.ts';
import type { Answerer } from './answerer.ts';
import { facts } from './facts.ts';
import { closedBook, comparison, verdict, verdictAlone } from './judge.ts';
import { answer, conversations, questions } from './two-steps.ts';

/** the first one that fits; the last one fits everything */
const answerers: readonly Answerer[] = [
  closedBook,
  verdict,
  verdictAlone,
  comparison,
  conversations,
  questions,
  answer,
  facts,
];

export function answerTo(chat: Chat): string {
  const made = answerers.find((answerer) => answerer.isFor(chat))?.answer(chat) ?? facts.answer(chat);
  return typeof made === 'string' ? made : JSON.stringify(made);
}
