import { performance } from 'node:perf_hooks';
import { safeDelay } from '../controller/backoff.ts';
import { WorkQueue } from '../controller/queue.ts';

export interface CoalescerOptions<Value> {
  /** throws: tried again after the interval with the newest value */
  write(key: string, value: Value): Promise<void>;
  intervalMs?: number;
  onFailure?: (key: string, error: unknown) => void;
  now?: () => number;
}

const attempts = 5;

/** At most one write per key and interval: the first value at once, then the newest one; the last is never lost. */
export class Coalescer<Value> {
  readonly #options: CoalescerOptions<Value>;
  readonly #intervalMs: number;
  readonly #now: () => number;
  readonly #queue = new WorkQueue();
  readonly #latest = new Map<string, { value: Value; failures: number }>();
  /** keys that were written less than an interval ago, or are just being written */
  readonly #resting = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CoalescerOptions<Value>) {
    this.#options = options;
    this.#intervalMs = options.intervalMs ?? 2000;
    this.#now = options.now ?? (() => performance.now());
  }

  submit(key: string, value: Value): void {
    this.#latest.set(key, { value, failures: 0 });
    if (this.#resting.has(key)) return;
    this.#queue.add(key, this.#now());
    this.#pump();
  }

  /** Write what is left at once; for the end of the process. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    const left = [...this.#latest];
    this.#latest.clear();
    await Promise.allSettled(left.map(([key, { value }]) => this.#options.write(key, value)));
  }

  #pump(): void {
    clearTimeout(this.#timer);
    const next = this.#queue.promote(this.#now());
    for (let taken = this.#queue.take(this.#now()); taken !== undefined; taken = this.#queue.take(this.#now()))
      void this.#process(taken.key);
    if (next === undefined) return;
    this.#timer = setTimeout(() => this.#pump(), safeDelay(next - this.#now()));
    this.#timer.unref();
  }

  async #process(key: string): Promise<void> {
    const startedAt = this.#now();
    const pending = this.#latest.get(key);
    this.#latest.delete(key);
    if (pending === undefined) this.#resting.delete(key);
    else {
      this.#resting.add(key);
      await this.#write(key, pending);
      this.#queue.schedule(key, startedAt + this.#intervalMs);
    }
    this.#queue.done(key);
    this.#pump();
  }

  async #write(key: string, { value, failures }: { value: Value; failures: number }): Promise<void> {
    try {
      await this.#options.write(key, value);
    } catch (error) {
      this.#options.onFailure?.(key, error);
      // a newer value has come meanwhile, or the last one is tried again
      if (!this.#latest.has(key) && failures + 1 < attempts) this.#latest.set(key, { value, failures: failures + 1 });
    }
  }
}
