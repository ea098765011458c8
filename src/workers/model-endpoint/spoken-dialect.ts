import { setTimeout as sleep } from 'node:timers/promises';
import { adapt, richest, weaker, type Dialect } from './dialect.ts';
import { readJson } from './read-json.ts';
import type { Question } from './question.ts';
import type { ReadReply } from './reply.ts';

/** so many answers without JSON, and not one with it, show that an output format is taken but ignored */
const ignoredAfter = 3;

export interface SpokenDialect {
  current(): Dialect;
  isSettled(): boolean;
  /** Let one request find out while the others wait a moment for what it finds. */
  probe<T>(ask: () => Promise<T>): Promise<T>;
  /** Whether the request is worth sending once more, now in other words. */
  noteRefusal(tried: Dialect, error: unknown): boolean;
  noteReply(tried: Dialect, question: Question, reply: ReadReply): void;
}

/** What is known so far of what an endpoint understands: found out once, not by every request. */
export function createSpokenDialect(probeMs: number): SpokenDialect {
  let dialect = richest;
  let isSettled = false;
  let withoutJson = 0;
  let hasGivenJson = false;
  let probing: Promise<unknown> | undefined;

  return {
    current: () => dialect,
    isSettled: () => isSettled,
    async probe(ask) {
      const patience = sleep(probeMs, undefined, { ref: false }).then(() => 'over' as const);
      while (!isSettled && probing !== undefined) {
        if ((await Promise.race([probing, patience])) === 'over') break;
      }
      const own = ask();
      if (isSettled || probing !== undefined) return own;
      probing = own.catch(() => undefined).finally(() => (probing = undefined));
      return own;
    },
    noteRefusal(tried, error) {
      const next = adapt(tried, error);
      if (next === undefined) return false;
      // another request may have found out already
      if (dialect === tried) dialect = next;
      return true;
    },
    noteReply(tried, question, reply) {
      if (question.form === undefined) return;
      isSettled = true;
      if (tried !== dialect || hasGivenJson || reply.finishReason !== 'stop' || reply.content.trim() === '') return;
      hasGivenJson = readJson(reply.content) !== undefined;
      withoutJson = hasGivenJson ? 0 : withoutJson + 1;
      const format = weaker(dialect.format);
      if (withoutJson < ignoredAfter || format === undefined) return;
      dialect = { ...dialect, format };
      withoutJson = 0;
    },
  };
}
