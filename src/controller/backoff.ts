/** Timers misbehave beyond this: a longer delay fires after one millisecond. */
export const maxDelayMs = 2 ** 31 - 1;

/** A delay that is safe to give to a timer. NaN is a defect of the caller and throws. */
export function safeDelay(ms: number): number {
  if (Number.isNaN(ms)) throw new RangeError('a delay must be a number of milliseconds');
  return Math.min(Math.max(Math.ceil(ms), 0), maxDelayMs);
}

export interface BackoffOptions {
  baseMs: number;
  maxMs: number;
  /** 0.2 adds up to a fifth */
  jitter: number;
}

/** Growing delays per key: base * 2^failures, never giving up. */
export class Backoff {
  readonly #failures = new Map<string, number>();
  readonly #options: BackoffOptions;
  readonly #random: () => number;

  constructor(options: BackoffOptions, random: () => number = Math.random) {
    this.#options = options;
    this.#random = random;
  }

  /** Milliseconds to wait after one more failure of the key. */
  next(key: string): number {
    const { baseMs, maxMs, jitter } = this.#options;
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    return Math.min(baseMs * 2 ** failures, maxMs) * (1 + this.#random() * jitter);
  }

  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }
}

/** A bucket of tokens that fills steadily. Times are milliseconds of any one clock. */
export class TokenBucket {
  #tokens: number;
  #filledAt: number | undefined;
  readonly #perSecond: number;
  readonly #burst: number;

  constructor(options: { perSecond: number; burst: number }) {
    this.#perSecond = options.perSecond;
    this.#burst = options.burst;
    this.#tokens = options.burst;
  }

  /** Take a token, on credit if need be. Gives the milliseconds until the token is really there. */
  reserve(now: number): number {
    this.#fill(now);
    this.#tokens -= 1;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#perSecond) * 1000;
  }

  /** Take a token if there is one. */
  take(now: number): boolean {
    this.#fill(now);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  #fill(now: number): void {
    const seconds = Math.max(0, now - (this.#filledAt ?? now)) / 1000;
    this.#tokens = Math.min(this.#burst, this.#tokens + seconds * this.#perSecond);
    this.#filledAt = now;
  }
}
