import { TimeHeap } from './heap.ts';
import type { Key } from './object.ts';

export type Priority = 'high' | 'low';

/**
 * Keys to be reconciled, each at most once in the queue and never in two workers: a key that comes in while it is being
 * processed waits until it is done. Pure: the caller brings the time (milliseconds of any one clock) and the timer.
 */
export class WorkQueue {
  /** waiting for a worker, or to be put back once it is done */
  readonly #dirty = new Map<Key, { priority: Priority; since: number }>();
  readonly #processing = new Set<Key>();
  /** first in, first out; a key that was moved to another priority leaves a stale entry, dropped when it is met */
  readonly #ready: Record<Priority, Set<Key>> = { high: new Set(), low: new Set() };
  readonly #due = new Map<Key, number>();
  readonly #heap = new TimeHeap<Key>();

  /** keys that wait for a worker */
  get depth(): number {
    return this.#ready.high.size + this.#ready.low.size;
  }

  get processing(): number {
    return this.#processing.size;
  }

  get delayed(): number {
    return this.#due.size;
  }

  add(key: Key, now: number, priority: Priority = 'high'): void {
    const known = this.#dirty.get(key);
    if (known !== undefined && (known.priority === 'high' || priority === 'low')) return;
    this.#dirty.set(key, { priority, since: known?.since ?? now });
    if (this.#processing.has(key)) return;
    this.#ready.low.delete(key);
    this.#ready[priority].add(key);
  }

  /** Add the key at a time, in place of an earlier appointment. Undefined cancels the appointment. */
  schedule(key: Key, at: number | undefined): void {
    if (at === undefined) {
      this.#due.delete(key);
      return;
    }
    if (Number.isNaN(at)) throw new RangeError(`"${key}" cannot be scheduled at a time that is not a number`);
    this.#due.set(key, at);
    this.#heap.push(at, key);
  }

  /** Move what is due to the ready keys. Gives the time of the next appointment. */
  promote(now: number): number | undefined {
    for (;;) {
      const next = this.#heap.peek();
      if (next === undefined) return undefined;
      const isCurrent = this.#due.get(next.value) === next.at;
      if (isCurrent && next.at > now) return next.at;
      this.#heap.pop();
      if (!isCurrent) continue;
      this.#due.delete(next.value);
      this.add(next.value, now);
    }
  }

  /** Give a key to a worker, with the milliseconds it waited. */
  take(now: number): { key: Key; waitedMs: number } | undefined {
    const ready = this.#ready.high.size > 0 ? this.#ready.high : this.#ready.low;
    const { value: key } = ready.values().next();
    if (key === undefined) return undefined;
    ready.delete(key);
    const since = this.#dirty.get(key)?.since ?? now;
    this.#dirty.delete(key);
    this.#processing.add(key);
    return { key, waitedMs: now - since };
  }

  /** The worker has finished the key; it comes back if it was added meanwhile. */
  done(key: Key): void {
    this.#processing.delete(key);
    const again = this.#dirty.get(key);
    if (again !== undefined) this.#ready[again.priority].add(key);
  }
}
