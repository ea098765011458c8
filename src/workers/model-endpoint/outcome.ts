import type { TokenCounts } from './question.ts';
import type { RejectReason } from './trouble.ts';

/** What it took to come by a value, or by none. */
export interface Paid {
  usage: TokenCounts;
  /** null without prices */
  cost: number | null;
  /** answers that it took */
  answers: number;
}

export interface NoValue extends Paid {
  /** CUT and TOO_LONG_FOR_MODEL: ask for less, or about less */
  reason: RejectReason | 'CUT' | 'BAD_JSON' | 'BAD_SCHEMA';
  detail: string;
  /** the last answer, if there was one */
  content?: string;
}

export type Outcome<T> = (Paid & { value: T }) | NoValue;
