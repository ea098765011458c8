import type { Evaluation, PastRun } from '../../../api/v1alpha1/index.ts';

type Status = Evaluation['status'];

/** Where the promoted adapter stands in the history; behind its end if it is not there. */
function promotedAt(history: readonly PastRun[], promoted: NonNullable<Status>['promoted']): number {
  const byRun = history.findIndex(({ run }) => run === promoted?.run);
  if (byRun >= 0) return byRun;
  return history.findIndex(({ artifact }) => artifact.digest === promoted?.artifact.digest);
}

/** The newest adapter that passed before the promoted one. */
export function previousOf({ promoted, history = [] }: NonNullable<Status>): PastRun | undefined {
  return history
    .slice(promotedAt(history, promoted) + 1)
    .find(({ verdict, artifact }) => verdict === 'Passed' && artifact.digest !== promoted?.artifact.digest);
}

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
