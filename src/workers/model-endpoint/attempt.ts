import { APIConnectionError, APIUserAbortError } from 'openai';
import type { EndpointBudget } from './budget.ts';
import type { Endpoint } from './endpoint.ts';
import type { Meter } from './meter.ts';
import type { OwnSignals } from './own-signals.ts';
import { addTokens, noTokens, type Question, type Reply, type TokenCounts } from './question.ts';
import type { ReadReply } from './reply.ts';
import type { Flight } from './sender.ts';
import type { TokenBucket } from './token-bucket.ts';
import { judge, type Verdict } from './verdict.ts';
import { worstCase } from './worst-case.ts';

export interface AttemptPorts {
  endpoint: Endpoint;
  field: string;
  budget: EndpointBudget;
  meter: Meter;
  requests: TokenBucket;
  tokens: TokenBucket;
  estimateTokens: (text: string) => number;
  /** ends what is under way */
  signal: AbortSignal;
  signals: OwnSignals;
}

/** `sentAt` by the clock of `performance`. */
export type Outcome = { sentAt: number } & ({ reply: Reply } | { verdict: Verdict; wasted: TokenCounts });

/** Why the run stopped, and what the request under way then may cost all the same. */
export interface Stopped {
  stopped: unknown;
  wasted: TokenCounts;
}

/**
 * One request within all limits. Rejects when the run stops before it is sent; anything else is an outcome.
 * `stop` ends the wait for room, but no request that is under way, since that one is paid for.
 */
export async function attempt(
  ports: AttemptPorts,
  question: Question,
  maxTokens: number,
  stop: AbortSignal,
): Promise<Outcome | Stopped> {
  const { endpoint, field, budget, meter, estimateTokens, signal } = ports;
  const prompt = estimateTokens(question.messages.map(({ content }) => content).join('\n'));
  await ports.requests.take(1, stop);
  const settleRate = await ports.tokens.take(prompt + maxTokens, stop);
  const settle = await budget.reserve(worstCase(question, maxTokens));
  let used = noTokens;
  let seconds: number | undefined;
  const flight: Flight = { isSent: false };
  const sentAt = performance.now();
  meter.started();
  try {
    stop.throwIfAborted();
    const reply = await ports.signals.lend((own) => endpoint.ask(question, maxTokens, own, flight));
    seconds = (performance.now() - sentAt) / 1000;
    used = reply.usage ?? {
      input: prompt,
      cachedInput: 0,
      output: estimateTokens(reply.content + (reply.reasoning ?? '')),
    };
    return { sentAt, ...sort(reply, used) };
  } catch (error) {
    if (isLost(error, flight)) used = { input: prompt, cachedInput: 0, output: maxTokens };
    for (const { aborted, reason } of [signal, stop]) if (aborted) return { stopped: reason, wasted: used };
    return { sentAt, verdict: judge(error, field), wasted: used };
  } finally {
    meter.ended(seconds);
    settle(used);
    settleRate(used.input + used.output);
  }
}

/**
 * Whether a request went out that no answer came to: in time, in whole, or before the run stopped. The endpoint may have
 * worked on it to the end and bill that, so it counts as the most that it can have taken.
 */
const isLost = (error: unknown, { isSent }: Flight): boolean =>
  isSent && (error instanceof APIConnectionError || error instanceof APIUserAbortError);

/** An answer that says nothing is a hiccup of the endpoint. */
function sort({ content, reasoning, finishReason }: ReadReply, usage: TokenCounts) {
  const again = (retry: 'empty' | 'unavailable', detail: string): { verdict: Verdict; wasted: TokenCounts } => ({
    verdict: { retry, detail, isOverload: false, isOutage: false, afterMs: undefined },
    wasted: addTokens(noTokens, usage),
  });
  if (finishReason === 'hiccup') return again('unavailable', 'the endpoint broke off its answer');
  if (content.trim() === '' && finishReason === 'stop') return again('empty', 'an empty answer');
  return { reply: { content, ...(reasoning === undefined ? {} : { reasoning }), finishReason, usage } };
}
