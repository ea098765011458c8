import PQueue from 'p-queue';

/** Requests at a time: fewer while the endpoint complains, more again while it answers. */
export interface Slots {
  /** Run a task when there is room, those with a lower ticket first. Rejects when aborted before its turn. */
  run<T>(task: () => Promise<T>, ticket: number, signal: AbortSignal): Promise<T>;
  /** Note how a request ended that was sent at this time. */
  answered(sentAt: number): void;
  overloaded(sentAt: number): void;
  /** Start nothing for this long. */
  pause(ms: number): void;
  readonly limit: number;
  readonly queued: number;
}

/** Additive increase, multiplicative decrease between 1 and `most`. */
export function createSlots(most: number, now: () => number = () => performance.now()): Slots {
  const queue = new PQueue({ concurrency: most });
  let limit = most;
  let cutAt = -Infinity;
  let pausedUntil = -Infinity;
  const set = (value: number): void => {
    limit = Math.min(most, Math.max(1, value));
    queue.concurrency = Math.floor(limit);
  };
  const resume = (): void => {
    const rest = pausedUntil - now();
    if (rest > 0) setTimeout(resume, rest);
    else queue.start();
  };
  return {
    run: (task, ticket, signal) => queue.add(task, { priority: -ticket, signal }),
    answered(sentAt) {
      // one more for each round of answers
      if (limit < most && sentAt >= cutAt) set(limit + 1 / limit);
    },
    overloaded(sentAt) {
      // the others of the same crowd tell nothing new
      if (sentAt < cutAt) return;
      cutAt = now();
      set(limit / 2);
    },
    pause(ms) {
      const wasPaused = queue.isPaused;
      pausedUntil = Math.max(pausedUntil, now() + ms);
      queue.pause();
      if (!wasPaused) resume();
    },
    get limit() {
      return Math.floor(limit);
    },
    get queued() {
      return queue.size;
    },
  };
}
