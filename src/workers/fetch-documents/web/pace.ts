import { setTimeout as sleepFor } from 'node:timers/promises';

/** Keeps requests to one host apart. */
export interface Pace {
  /** Wait until the host may be asked. Rejects when the signal is aborted. */
  turn(host: string, signal: AbortSignal): Promise<void>;
  /** Ask the host no more often than once in so many milliseconds. */
  slowDown(host: string, intervalMs: number): void;
  /** Leave the host alone for a while, as it asked for. */
  pause(host: string, ms: number): void;
}

/** Time in milliseconds, from wherever. */
export interface Clock {
  now: () => number;
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

const realClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => sleepFor(ms, undefined, { signal }),
};

export function createPace(requestsPerSecond: number, { now, sleep }: Clock = realClock): Pace {
  const regular = 1000 / requestsPerSecond;
  const hosts = new Map<string, { intervalMs: number; nextAt: number; pausedUntil: number }>();
  const of = (host: string) => {
    const found = hosts.get(host) ?? { intervalMs: regular, nextAt: 0, pausedUntil: 0 };
    hosts.set(host, found);
    return found;
  };
  return {
    async turn(host, signal) {
      const state = of(host);
      do {
        const asked = now();
        const at = Math.max(asked, state.nextAt);
        state.nextAt = at + state.intervalMs;
        if (at > asked) await sleep(at - asked, signal);
        // a pause that began meanwhile makes all wait in line again
      } while (state.pausedUntil > now());
    },
    slowDown(host, intervalMs) {
      const state = of(host);
      state.intervalMs = Math.max(state.intervalMs, intervalMs);
    },
    pause(host, ms) {
      const state = of(host);
      state.pausedUntil = Math.max(state.pausedUntil, now() + ms);
      state.nextAt = state.pausedUntil;
    },
  };
}
