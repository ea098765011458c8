import { setTimeout as sleep } from 'node:timers/promises';

export interface TokenBucket {
  /** Wait until so many units may be used, in the order of the calls. Call the result with what was really used. */
  take(units: number, signal: AbortSignal): Promise<(used: number) => void>;
}

export const unlimited: TokenBucket = { take: () => Promise.resolve(() => undefined) };

/** what may be used at once, as part of what a minute allows: providers count seconds too */
const burst = 1 / 12;

/** Milliseconds. */
export interface Clock {
  now: () => number;
  wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

const realClock: Clock = {
  now: () => performance.now(),
  wait: (ms, signal) => sleep(ms, undefined, { signal }),
};

/**
 * A bucket that never gives more than `perMinute` within any minute, the first one included.
 * Libraries (`limiter`, `bottleneck`) have no way to correct what was taken once it is known.
 */
export function createTokenBucket(perMinute: number, { now, wait }: Clock = realClock): TokenBucket {
  const capacity = Math.max(1, perMinute * burst);
  const perMs = (perMinute - capacity + 1) / 60_000;
  let level = capacity;
  let filledAt = now();
  let turn: Promise<unknown> = Promise.resolve();

  const fill = (): void => {
    const at = now();
    level = Math.min(capacity, level + (at - filledAt) * perMs);
    filledAt = at;
  };
  const waitFor = async (units: number, signal: AbortSignal): Promise<void> => {
    // more than fits may be taken from a full bucket, which then owes it
    const needed = Math.min(units, capacity);
    fill();
    while (level < needed) {
      await wait(Math.ceil((needed - level) / perMs), signal);
      fill();
    }
    level -= units;
  };

  return {
    async take(units, signal) {
      const own = turn.then(() => waitFor(units, signal));
      turn = own.catch(() => undefined);
      await own;
      return (used) => {
        fill();
        level = Math.min(capacity, level + units - used);
      };
    },
  };
}
