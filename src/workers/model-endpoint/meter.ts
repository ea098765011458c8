/** Upper bounds in seconds; what is slower than the last one falls into one more bucket. */
export const latencyBounds = [0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800] as const;

/** How long answered requests took: `counts[i]` of them up to `latencyBounds[i]` and longer than the bound before. */
export interface Latency {
  counts: readonly number[];
  /** seconds */
  sum: number;
}

/** What one process sees of an endpoint; what is paid is in the cache. */
export interface Meter {
  started(): void;
  /** `seconds` of an answered request, undefined for a failed one */
  ended(seconds: number | undefined): void;
  readonly inFlight: number;
  latency(): Latency;
}

export function createMeter(): Meter {
  const counts = Array.from({ length: latencyBounds.length + 1 }, () => 0);
  let [sum, inFlight] = [0, 0];
  return {
    started: () => void (inFlight += 1),
    ended(seconds) {
      inFlight -= 1;
      if (seconds === undefined) return;
      sum += seconds;
      const found = latencyBounds.findIndex((bound) => seconds <= bound);
      const bucket = found === -1 ? latencyBounds.length : found;
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    },
    get inFlight() {
      return inFlight;
    },
    latency: () => ({ counts: [...counts], sum }),
  };
}
