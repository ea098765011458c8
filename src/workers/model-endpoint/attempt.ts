import type { EndpointBudget } from './budget.ts';
import type { Endpoint } from './endpoint.ts';
import type { Meter } from './meter.ts';
import type { OwnSignals } from './own-signals.ts';
import { addTokens, noTokens, type Question, type Reply, type TokenCounts } from './question.ts';
import type { ReadReply } from './reply.ts';
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

/**
 * One request within all limits. Rejects when the run stops; anything else is an outcome.
 * `stop` ends the wait for room, but no request that is under way, since that one is paid for.
 */
export async function attempt(
  ports: AttemptPorts,
  question: Question,
  maxTokens: number,
  stop: AbortSignal,
): Promise<Outcome> {
  const { endpoint, field, budget, meter, estimateTokens, signal } = ports;
  const prompt = estimateTokens(question.messages.map(({ content }) => content).join('\n'));
  await ports.requests.take(1, stop);
  const settleRate = await ports.tokens.take(prompt + maxTokens, stop);
  const settle = await budget.reserve(worstCase(question, maxTokens));
  let used = noTokens;
  let seconds: number | undefined;
  const sentAt = performance.now();
  meter.started();
  try {
    stop.throwIfAborted();
    const reply = await ports.signals.lend((own) => endpoint.ask(question, maxTokens, own));
    seconds = (performance.now() - sentAt) / 1000;
    used = reply.usage ?? {
      input: prompt,
      cachedInput: 0,
      output: estimateTokens(reply.content + (reply.reasoning ?? '')),
    };
    return { sentAt, ...sort(reply, used) };
  } catch (error) {
    signal.throwIfAborted();
    stop.throwIfAborted();
    return { sentAt, verdict: judge(error, field), wasted: noTokens };
  } finally {
    meter.ended(seconds);
    settle(used);
    settleRate(used.input + used.output);
  }
}

/** An answer that says nothing is a hiccup of the endpoint. */
function sort({ content, reasoning, finishReason }: ReadReply, usage: TokenCounts) {
  const again = (retry: 'empty' | 'unavailable', detail: string): { verdict: Verdict; wasted: TokenCounts } => ({
    verdict: { retry, detail, isOverload: false, afterMs: undefined },
    wasted: addTokens(noTokens, usage),
  });
  if (finishReason === 'hiccup') return again('unavailable', 'the endpoint broke off its answer');
  if (content.trim() === '' && finishReason === 'stop') return again('empty', 'an empty answer');
  return { reply: { content, ...(reasoning === undefined ? {} : { reasoning }), finishReason, usage } };
}
