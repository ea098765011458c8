/** How long trouble is borne; tests bear less. Times are milliseconds. */
export interface Policy {
  /** tries of one question while others succeed; those amid an outage count as one */
  tries: number;
  /** no refusal in this time is a good sign: a refusal comes at once, an answer may take minutes */
  probeMs: number;
  /** the first wait is at most this long, each further one at most twice as long as the one before */
  baseMs: number;
  capMs: number;
  /** an endpoint that asks for more is waited for no longer than this at once */
  longestWaitMs: number;
  /** without a single answer for this long the endpoint counts as down */
  patienceMs: number;
  /** the same for one that has never answered yet */
  firstPatienceMs: number;
  /** and after no fewer than this many failed requests */
  patienceTries: number;
}

export const defaultPolicy: Policy = {
  tries: 8,
  probeMs: 500,
  baseMs: 500,
  capMs: 60_000,
  longestWaitMs: 300_000,
  patienceMs: 600_000,
  firstPatienceMs: 60_000,
  patienceTries: 8,
};

/** Exponential with full jitter, so that parallel requests do not come back together. */
export function jitteredWait({ baseMs, capMs }: Policy, failures: number, random: () => number = Math.random): number {
  return random() * Math.min(capMs, baseMs * 2 ** failures);
}
