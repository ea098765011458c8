export interface OwnSignals {
  /** Do something with a signal of its own, which aborts when the shared one does. */
  lend<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

/**
 * The client library adds a listener to the signal of each request and never removes it: on one signal for a whole run
 * they would pile up, and each one is searched through by the next.
 */
export function createOwnSignals(shared: AbortSignal): OwnSignals {
  const lent = new Set<AbortController>();
  const abortAll = (): void => {
    for (const controller of lent) controller.abort(shared.reason);
  };
  shared.addEventListener('abort', abortAll, { once: true });
  return {
    async lend(work) {
      shared.throwIfAborted();
      const own = new AbortController();
      lent.add(own);
      try {
        return await work(own.signal);
      } finally {
        lent.delete(own);
      }
    },
  };
}
