import { generateMetrics, labelledMetrics } from '../../contract/progress.ts';
import type { Asker, Met } from './asker.ts';
import type { Budget } from './budget.ts';
import type { AnswerCache } from './cache/open.ts';
import type { Latency } from './meter.ts';
import { latencyBounds } from './meter.ts';
import { addTokens, noTokens, type TokenCounts } from './question.ts';
import type { Trouble } from './trouble.ts';

export interface Usage {
  /** paid by the run, its earlier processes included; from the log of answers */
  requests: number;
  tokens: TokenCounts;
  cost: number | null;
  retries: Partial<Record<Trouble, number>>;
  /** what the work took, whichever run paid for it: the above, and answers that were found in the store */
  met: Met;
  /** of this process */
  cacheHits: number;
  inFlight: number;
  queued: number;
  latency: Latency;
}

/** What a run has used of all its endpoints. */
export function usageOf(cache: AnswerCache, budget: Budget, askers: readonly Asker[]): Usage {
  const { requests, usage, cost, retries } = cache.paid();
  const live = askers.map((asker) => asker.live());
  const total = (read: (one: (typeof live)[number]) => number): number => live.reduce((sum, one) => sum + read(one), 0);
  // what has a price has cost nothing before it is asked
  const paid: Met = { requests, tokens: usage, cost: cost ?? budget.at(null).costOf(noTokens) };
  return {
    ...paid,
    met: live.map(({ found }) => found).reduce(sumOf, paid),
    retries: { ...retries },
    cacheHits: total((one) => one.cacheHits),
    inFlight: total((one) => one.inFlight),
    queued: total((one) => one.queued),
    latency: {
      counts: [...latencyBounds, Infinity].map((_, index) => total((one) => one.latency.counts[index] ?? 0)),
      sum: total((one) => one.latency.sum),
    },
  };
}

const sumOf = (a: Met, b: Met): Met => ({
  requests: a.requests + b.requests,
  tokens: addTokens(a.tokens, b.tokens),
  cost: a.cost === null ? b.cost : a.cost + (b.cost ?? 0),
});

/** Usage by the names of progress reports. */
export function usageMetrics({
  requests,
  tokens,
  cost,
  retries,
  cacheHits,
  inFlight,
  queued,
  latency,
}: Usage): Record<string, number> {
  const classes = Object.entries(retries).map(([trouble, count]) => [`${labelledMetrics.retries}.${trouble}`, count]);
  return {
    [generateMetrics.requests]: requests,
    [generateMetrics.requestsInFlight]: inFlight,
    [generateMetrics.requestsQueued]: queued,
    [generateMetrics.cacheHits]: cacheHits,
    [generateMetrics.inputTokens]: tokens.input,
    [generateMetrics.cachedInputTokens]: tokens.cachedInput,
    [generateMetrics.outputTokens]: tokens.output,
    ...(cost === null ? {} : { [generateMetrics.cost]: cost }),
    ...quantile(generateMetrics.latencyHalf, latency, 0.5),
    ...quantile(generateMetrics.latencyMost, latency, 0.95),
    ...(Object.fromEntries(classes) as Record<string, number>),
  };
}

/** A quantile beyond the last bound has no figure. */
function quantile(name: string, latency: Latency, share: number): Record<string, number> {
  const seconds = latencyQuantile(latency, share);
  return seconds === null || !Number.isFinite(seconds) ? {} : { [name]: seconds };
}

/** The latency in seconds that this share (0 to 1) of the answers kept: the bound of a bucket; null before the first one. */
export function latencyQuantile({ counts }: Latency, share: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let below = 0;
  for (const [index, count] of counts.entries()) {
    below += count;
    if (total > 0 && below >= share * total) return latencyBounds[index] ?? Infinity;
  }
  return null;
}
