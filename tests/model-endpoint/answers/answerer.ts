import type { Chat } from '../chat.ts';

/** Answers one kind of request as a good model would. */
export interface Answerer {
  isFor(chat: Chat): boolean;
  /** text, or a value that is sent as JSON */
  answer(chat: Chat): unknown;
}
