import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkerFailure } from '../shell/failure.ts';
import type { Outcome } from './attempt.ts';
import type { Patience } from './patience.ts';
import { jitteredWait, type Policy } from './policy.ts';
import type { Reply } from './question.ts';
import type { Slots } from './slots.ts';
import { PromptRejected, type Trouble } from './trouble.ts';
import type { Retry } from './verdict.ts';

export interface AskingPorts {
  slots: Slots;
  patience: Patience;
  policy: Policy;
  /**
   * One request. `onAnswered` frees its slot; what came of it is on disk when the promise resolves, and gets there even
   * when nobody waits for it any more.
   */
  attempt: (onAnswered: () => void) => Promise<Outcome>;
  onRetry: (trouble: Trouble, detail: string, waitMs: number) => void;
  /** No request will work any more. */
  halt: (failure: WorkerFailure) => void;
  /** aborted when the run stops or is halted */
  stop: AbortSignal;
}

/** Ask until there is an answer. Throws a WorkerFailure or PromptRejected. `ticket` keeps the place in the queue. */
export async function askUntilAnswered(ports: AskingPorts, ticket: number): Promise<Reply> {
  const { slots, patience, policy, stop } = ports;
  const since = patience.now();
  let failures = 0;
  // those that speak against the question itself
  let own = 0;
  let ownAt = since;
  for (;;) {
    const outcome = await takeTurn(ports, ticket);
    if ('reply' in outcome) {
      slots.answered(outcome.sentAt);
      patience.answered();
      return outcome.reply;
    }
    const { verdict } = outcome;
    if ('reject' in verdict) throw verdict.reject;
    if ('failure' in verdict) return haltWith(ports, verdict.failure);
    if (verdict.isOverload) slots.overloaded(outcome.sentAt);
    notePatience(ports, verdict);
    // a limit of rates says nothing about the question
    if (verdict.retry !== 'rate-limited') {
      failures += 1;
      // an outage counts once, however often it was asked through it: only an answer to another question ends it
      if (!verdict.isOutage || patience.hasAnsweredSince(ownAt)) {
        own += 1;
        ownAt = patience.now();
      }
    }
    if (own >= policy.tries && (verdict.retry === 'empty' || patience.hasAnsweredSince(since))) throw givenUp(verdict);
    const waitMs = waitFor(verdict, failures, policy);
    if (verdict.retry === 'rate-limited' && verdict.afterMs !== undefined) slots.pause(waitMs);
    ports.onRetry(verdict.retry, verdict.detail, waitMs);
    await sleep(waitMs, undefined, { signal: stop });
  }
}

/** Wait for a slot, then ask. The slot is free again when the answer is there, before it is stored. */
async function takeTurn({ slots, attempt, stop }: AskingPorts, ticket: number): Promise<Outcome> {
  let running: Promise<Outcome> | undefined;
  const task = (): Promise<void> =>
    new Promise<void>((resolve) => {
      running = attempt(resolve);
      // it may end before anything was sent
      running.then(
        () => resolve(),
        () => resolve(),
      );
    });
  await slots.run(task, ticket, stop).catch((error: unknown) => {
    // stopped meanwhile: what is under way still counts
    if (running === undefined) throw error;
  });
  if (running === undefined) throw stop.reason;
  return await running;
}

function haltWith({ halt }: AskingPorts, failure: WorkerFailure): never {
  halt(failure);
  throw failure;
}

function notePatience({ patience, halt }: AskingPorts, { detail }: Retry): void {
  const failure = patience.failed(detail);
  if (failure === undefined) return;
  halt(failure);
  throw failure;
}

function waitFor({ afterMs }: Retry, failures: number, policy: Policy): number {
  return afterMs === undefined ? jitteredWait(policy, failures) : Math.min(afterMs, policy.longestWaitMs);
}

function givenUp({ retry, detail }: Retry): PromptRejected {
  return retry === 'empty'
    ? new PromptRejected('EMPTY_ANSWER', 'the endpoint gave an empty answer again and again')
    : new PromptRejected('ENDPOINT_FAILED', `the endpoint failed at this question again and again: ${detail}`);
}
