import type { Evaluation, PastRun } from '../../../api/v1alpha1/index.ts';

type Status = Evaluation['status'];

/** Where the promoted adapter stands in the history; behind its end if it is not there. */
function promotedAt(history: readonly PastRun[], promoted: NonNullable<Status>['promoted']): number {
  const byRun = history.findIndex(({ run }) => run === promoted?.run);
  if (byRun >= 0) return byRun;
  return history.findIndex(({ artifact }) => artifact.digest === promoted?.artifact.digest);
}

/** The newest adapter that was promoted before the present one, and that nobody went back from. */
export function previousOf({ promoted, history = [] }: NonNullable<Status>): PastRun | undefined {
  return history
    .slice(promotedAt(history, promoted) + 1)
    .filter((entry) => entry.verdict === 'Passed' && entry.promoted && entry.rolledBack !== true)
    .find(({ artifact }) => artifact.digest !== promoted?.artifact.digest);
}

/** An entry whose adapter is promoted: that somebody went back from it before counts no longer. */
export const promotedEntry = (entry: PastRun): PastRun => ({ ...entry, promoted: true, rolledBack: false });

/** The history when somebody goes to one of its runs, whereby adapters are held that must not come back by themselves. */
export const rolledTo = (history: readonly PastRun[], target: PastRun, held: readonly string[]): PastRun[] =>
  history.map((entry) => {
    if (entry === target) return promotedEntry(entry);
    return entry.promoted && held.includes(entry.artifact.digest) ? { ...entry, rolledBack: true } : entry;
  });

/**
 * The newest runs, as many as the limit allows. The promoted one and the one to go back to are the last to be dropped: a long
 * row of runs that failed must not take the way back.
 */
export function trimmed(
  history: readonly PastRun[],
  promoted: NonNullable<Status>['promoted'],
  limit: number,
): PastRun[] {
  if (history.length <= limit) return [...history];
  const current = history[promotedAt(history, promoted)];
  const previous = previousOf({ promoted, history: [...history] });
  const first = [history[0], current, previous].filter((entry) => entry !== undefined);
  const kept = new Set([...first, ...history].slice(0, first.length));
  for (const entry of history) if (kept.size < limit) kept.add(entry);
  return history.filter((entry) => [...kept].slice(0, limit).includes(entry));
}
