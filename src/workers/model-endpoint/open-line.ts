import type { AskerOptions } from './asker.ts';
import { askUntilAnswered, type AskingPorts } from './ask-until-answered.ts';
import type { EndpointBudget } from './budget.ts';
import { attempt, type AttemptPorts, type Outcome, type Stopped } from './attempt.ts';
import { openEndpoint } from './endpoint.ts';
import { createMeter, type Latency } from './meter.ts';
import { createOwnSignals } from './own-signals.ts';
import { createPatience } from './patience.ts';
import { defaultPolicy } from './policy.ts';
import type { Question, Reply } from './question.ts';
import { readJson } from './read-json.ts';
import { createSlots } from './slots.ts';
import { createTokenBucket, unlimited, type TokenBucket } from './token-bucket.ts';

/** An endpoint within all its limits, whose answers are kept. */
export interface Line {
  /** Throws PromptRejected for this question alone, and a WorkerFailure when the run must stop. */
  ask(key: string, question: Question, maxTokens: number): Promise<Reply>;
  live(): { inFlight: number; queued: number; concurrency: number; latency: Latency };
  /** Let what is under way finish, since it is paid for; then ask nothing more. */
  close(): Promise<void>;
}

export type LineOptions = Omit<AskerOptions, 'budget'> & { budget: EndpointBudget };

export async function openLine(options: LineOptions): Promise<Line> {
  const { input, field, policy = defaultPolicy } = options;
  const endpoint = await openEndpoint(input, field, policy.probeMs);
  const halted = new AbortController();
  const stop = AbortSignal.any([options.signal, halted.signal]);
  const meter = createMeter();
  const slots = createSlots(input.concurrency);
  const underWay = new Set<Promise<unknown>>();
  const ports: AttemptPorts = {
    ...options,
    endpoint,
    meter,
    signals: createOwnSignals(options.signal),
    requests: bucketFor(input.requestsPerMinute),
    tokens: bucketFor(input.tokensPerMinute),
  };
  const asking: Omit<AskingPorts, 'attempt'> = {
    slots,
    patience: createPatience(policy, field),
    policy,
    onRetry: createRetryLog(options),
    halt: (failure) => halted.abort(failure),
    stop,
  };
  let tickets = 0;
  /** answers that are not on disk yet */
  let onTheWay = 0;

  return {
    ask(key, question, maxTokens) {
      const attemptAndKeep = async (onAnswered: () => void): Promise<Outcome> => {
        const outcome = await attempt(ports, question, maxTokens, stop);
        // before the slot is free, or the next one would ask in vain
        if ('verdict' in outcome && 'failure' in outcome.verdict) halted.abort(outcome.verdict.failure);
        onTheWay += 1;
        // the next request need not wait for the disk, unless it is so slow that a kill would lose more and more
        if (onTheWay <= input.concurrency) onAnswered();
        try {
          await keep(options, key, question, outcome);
        } catch (error) {
          // a full disk: what cannot be kept must not be paid for
          halted.abort(error);
          throw error;
        } finally {
          onTheWay -= 1;
        }
        if ('stopped' in outcome) throw outcome.stopped;
        return outcome;
      };
      tickets += 1;
      return askUntilAnswered({ ...asking, attempt: (done) => track(underWay, attemptAndKeep(done)) }, tickets);
    },
    live: () => ({
      inFlight: meter.inFlight,
      queued: slots.queued,
      concurrency: slots.limit,
      latency: meter.latency(),
    }),
    async close() {
      halted.abort(new Error('the asker is closed'));
      await Promise.allSettled(underWay);
      await endpoint.close();
    },
  };
}

const bucketFor = (perMinute: number | null): TokenBucket =>
  perMinute === null ? unlimited : createTokenBucket(perMinute);

/** An answer that is cut, refused or none in the form that was asked for serves its own run alone. */
async function keep(
  { cache, budget }: LineOptions,
  key: string,
  { form }: Question,
  outcome: Outcome | Stopped,
): Promise<void> {
  if ('reply' in outcome) {
    const { reply } = outcome;
    const isWhole = reply.finishReason === 'stop' && (form === undefined || readJson(reply.content) !== undefined);
    await cache.put(key, reply, !isWhole, budget.costOf(reply.usage));
  } else if (outcome.wasted.input + outcome.wasted.output > 0) {
    await cache.spend(outcome.wasted, budget.costOf(outcome.wasted));
  }
}

function track<T>(set: Set<Promise<unknown>>, promise: Promise<T>): Promise<T> {
  set.add(promise);
  const forget = (): void => void set.delete(promise);
  promise.then(forget, forget);
  return promise;
}

/** Each retry is counted; a log that is flooded helps nobody, so only the 1st, 10th, 100th … of a class is a warning. */
function createRetryLog({ cache, log, field }: LineOptions): AskingPorts['onRetry'] {
  const seen = new Map<string, number>();
  return (trouble, detail, waitMs) => {
    cache.countRetry(trouble);
    const count = (seen.get(trouble) ?? 0) + 1;
    seen.set(trouble, count);
    const level = Number.isInteger(Math.log10(count)) ? 'warn' : 'debug';
    log[level]({ endpoint: field, trouble, count, detail, waitMs: Math.round(waitMs) }, 'asking again');
  };
}
