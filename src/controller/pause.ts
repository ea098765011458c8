import { safeDelay } from './backoff.ts';

/** Wait, or until the signal is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, safeDelay(ms));
    signal.addEventListener('abort', finish);
  });
}

/** Whether the signal is aborted now. A function, since a signal changes while one awaits and the compiler does not know. */
export const isAborted = (signal: AbortSignal): boolean => signal.aborted;
