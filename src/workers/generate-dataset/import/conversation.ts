import type { Task } from '../../../contract/rows.ts';

export interface Turn {
  question: string;
  answer: string;
}

/** A row that was made elsewhere, in the one form that all formats are brought into. */
export interface Conversation {
  system?: string;
  /** at least one, oldest first; the answer of the last one is what is learnt */
  turns: Turn[];
  task?: Task;
  /** rows of one group stay on one side of the split; the opening question if the row names none */
  group?: string;
  reasoning?: string;
  /** right answers besides the last one */
  references?: string[];
}

/** Why a row is not taken. */
export interface Fault {
  reason: string;
  detail: string;
}

export type Reading = { conversation: Conversation } | { fault: Fault };

export const faulty = (reason: string, detail: string): { fault: Fault } => ({ fault: { reason, detail } });

/** Keep this many turns before the last one; all if null. */
export function withinHistory(conversation: Conversation, historyTurns: number | null): Conversation {
  if (historyTurns === null) return conversation;
  return { ...conversation, turns: conversation.turns.slice(-(historyTurns + 1)) };
}
