import { setTimeout as sleep } from 'node:timers/promises';
import { WorkerFailure } from '../shell/failure.ts';
import type { Reply } from './endpoint.ts';
import { judge } from './errors.ts';

export interface RetryPolicy {
  attempts: number;
  baseMs: number;
  capMs: number;
}

export const defaultRetry: RetryPolicy = { attempts: 8, baseMs: 500, capMs: 60_000 };
/** an endpoint that asks for more than this is as good as down */
const longestWaitMs = 300_000;

/** Why a prompt is given up while others go on. */
export class PromptRejected extends Error {
  readonly reason: string;

  constructor(reason: string, detail: string) {
    super(detail);
    this.name = 'PromptRejected';
    this.reason = reason;
  }
}

/**
 * Ask until there is an answer: exponential waits with full jitter, so that parallel requests do not come back together.
 * An empty answer is a hiccup of the endpoint and asked again. Throws a WorkerFailure or PromptRejected.
 */
export async function askUntilAnswered(
  ask: () => Promise<Reply>,
  policy: RetryPolicy,
  signal: AbortSignal,
  onRetry: (why: string, waitMs: number) => void,
): Promise<Reply> {
  let why = '';
  for (let attempt = 0; attempt < policy.attempts; attempt += 1) {
    let afterMs: number | undefined;
    try {
      const reply = await ask();
      if (reply.content.trim() !== '' || reply.finishReason === 'content_filter') return reply;
      why = 'empty answer';
    } catch (error) {
      signal.throwIfAborted();
      const verdict = judge(error);
      if ('failure' in verdict) throw verdict.failure;
      if ('reject' in verdict) throw new PromptRejected(verdict.reject, verdict.detail);
      [why, afterMs] = [verdict.retry, verdict.afterMs];
    }
    const waitMs = Math.min(
      afterMs ?? Math.random() * Math.min(policy.capMs, policy.baseMs * 2 ** attempt),
      longestWaitMs,
    );
    if (attempt + 1 < policy.attempts) {
      onRetry(why, waitMs);
      await sleep(waitMs, undefined, { signal });
    }
  }
  if (why === 'empty answer')
    throw new PromptRejected('EMPTY_ANSWER', 'the endpoint gave an empty answer again and again');
  throw new WorkerFailure(
    'unavailable',
    'EndpointUnavailable',
    `spec.generator.openai.baseURL does not answer: ${why}`,
  );
}
