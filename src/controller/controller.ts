import { performance } from 'node:perf_hooks';
import { Backoff, TokenBucket, safeDelay } from './backoff.ts';
import type { Caches } from './caches.ts';
import type { ClusterWriter } from './cluster.ts';
import type { RecordEvent } from './events.ts';
import { WriteGuard } from './guard.ts';
import type { Log } from './log.ts';
import type { ControllerMetrics } from './metrics.ts';
import { keyOf } from './object.ts';
import type { Key } from './object.ts';
import { WorkQueue } from './queue.ts';
import { kindFinder, reconcile } from './reconcile.ts';
import type { Outcome, Shell } from './reconcile.ts';
import type { AnyReconciler } from './reconciler.ts';

export interface ControllerOptions {
  reconciler: AnyReconciler;
  caches: Caches;
  writer: ClusterWriter;
  record: RecordEvent;
  metrics: ControllerMetrics;
  log: Log;
  /** objects that are reconciled at the same time */
  concurrency?: number;
}

const failureBackoff = { baseMs: 5, maxMs: 1_000_000, jitter: 0.2 };
/** how often a key whose writes are not in the cache yet is looked at when no event comes */
const behindMs = 1000;

/** Brings the objects of one kind to where their plans want them, for as long as it runs. */
export class Controller {
  readonly #options: ControllerOptions;
  readonly #queue = new WorkQueue();
  readonly #backoff = new Backoff(failureBackoff);
  readonly #bucket = new TokenBucket({ perSecond: 10, burst: 100 });
  readonly #shell: Shell;
  readonly #concurrency: number;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Infinity;
  #isRunning = false;
  #isPumpPlanned = false;
  #onIdle: (() => void) | undefined;

  constructor(options: ControllerOptions) {
    const { caches, reconciler, writer, record } = options;
    this.#options = options;
    this.#concurrency = options.concurrency ?? 16;
    this.#shell = {
      reconciler,
      reader: caches,
      writer,
      guard: new WriteGuard((kind) => caches.store(kind)),
      record,
      kindOf: kindFinder(() => caches.kinds),
      clock: () => performance.now(),
    };
    options.metrics.watchQueue(this.name, this.#queue, this.#concurrency);
    this.#subscribe();
  }

  get name(): string {
    return this.#options.reconciler.kind.kind.toLowerCase();
  }

  /** Begin with all objects that there are; the caches must have synced. */
  start(): void {
    this.#isRunning = true;
    for (const object of this.#options.caches.store(this.#options.reconciler.kind).all())
      this.#add(keyOf(object), 'low');
  }

  /** Take no more work; resolves when what is under way is done. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    clearTimeout(this.#timer);
    this.#timerAt = Infinity;
    if (this.#queue.processing === 0) return;
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
  }

  #subscribe(): void {
    const { caches, reconciler } = this.#options;
    caches.onChange(reconciler.kind, ({ object, isInitial }) => this.#add(keyOf(object), isInitial ? 'low' : 'high'));
    for (const watch of reconciler.watches) {
      const context = {
        reader: caches,
        referrers: (object: Parameters<typeof keyOf>[0] & Parameters<typeof watch.keys>[0]) =>
          caches.referrers(reconciler.kind, watch.kind, object),
      };
      caches.onChange(watch.kind, ({ object, isInitial }) => {
        if (!this.#isRunning) return;
        for (const key of watch.keys(object, context)) this.#add(key, isInitial ? 'low' : 'high');
      });
    }
  }

  #add(key: Key, priority: 'high' | 'low'): void {
    if (!this.#isRunning) return;
    this.#options.metrics.added(this.name);
    this.#queue.add(key, performance.now(), priority);
    this.#planPump();
  }

  /** one pump for all the events of a batch */
  #planPump(): void {
    if (this.#isPumpPlanned) return;
    this.#isPumpPlanned = true;
    setImmediate(() => {
      this.#isPumpPlanned = false;
      this.#pump();
    });
  }

  #pump(): void {
    if (!this.#isRunning) return;
    this.#arm(this.#queue.promote(performance.now()));
    while (this.#queue.processing < this.#concurrency) {
      const next = this.#queue.take(performance.now());
      if (next === undefined) return;
      void this.#process(next.key, next.waitedMs);
    }
  }

  /** the one timer of all appointments */
  #arm(at: number | undefined): void {
    if (at === undefined || at >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(
      () => {
        this.#timerAt = Infinity;
        this.#pump();
      },
      safeDelay(at - performance.now()),
    );
  }

  async #process(key: Key, waitedMs: number): Promise<void> {
    const startedAt = performance.now();
    const outcome = await reconcile(this.#shell, key, this.#backoff.failures(key));
    const now = performance.now();
    this.#options.metrics.reconciled(this.name, outcome, waitedMs, now - startedAt);
    this.#queue.schedule(key, this.#nextTime(key, outcome, now));
    this.#queue.done(key);
    if (!this.#isRunning && this.#queue.processing === 0) this.#onIdle?.();
    this.#planPump();
  }

  #nextTime(key: Key, outcome: Outcome, now: number): number | undefined {
    switch (outcome.result) {
      case 'behind':
        return now + behindMs;
      case 'settled':
        this.#backoff.forget(key);
        return outcome.requeueAfterSeconds === undefined ? undefined : now + outcome.requeueAfterSeconds * 1000;
      case 'failed':
        return this.#afterFailure(key, outcome.trouble, now);
    }
  }

  #afterFailure(key: Key, trouble: Extract<Outcome, { result: 'failed' }>['trouble'], now: number): number | undefined {
    const { log } = this.#options;
    const told = { controller: this.name, key, reason: trouble.reason, error: trouble.message };
    // another replica does the work, so nothing is wrong
    if (trouble.reason === 'NotLeader') log.debug(told, 'reconcile failed');
    else log.warn(told, 'reconcile failed');
    if (trouble.sort !== 'retry') {
      this.#backoff.forget(key);
      return undefined;
    }
    const delay = Math.max(this.#backoff.next(key), this.#bucket.reserve(now), (trouble.retryAfterSeconds ?? 0) * 1000);
    return now + delay;
  }
}
