import type { Artifact, Evaluation, EvaluationStatus, Origin, PastRun, Verdict } from '../../../api/v1alpha1/index.ts';
import { timestamp } from '../../../controller/status.ts';
import { trimmed } from './history.ts';

/** Results with what the gate says of them. */
export interface Measured {
  run: string;
  time: string;
  adapter: Artifact;
  origin: Origin;
  verdict: Verdict;
  headline: Pick<PastRun, 'recall' | 'delta' | 'unseen'>;
}

interface Promotion {
  promoted?: EvaluationStatus['promoted'];
  history: PastRun[];
  rollback?: null;
}

/**
 * What a verdict moves. Only a pass promotes, and never an adapter that somebody went back from; another one that passes
 * ends the rollback. Judging the same again gives the same.
 */
export function promote({ spec, status = {} }: Evaluation, measured: Measured, now: Date): Promotion {
  const { run, time, adapter, origin, verdict, headline } = measured;
  const { promoted, rollback, history = [] } = status;
  const isHeld = rollback?.held.includes(adapter.digest) ?? false;
  const isSame = promoted?.artifact.digest === adapter.digest;
  const moves = verdict === 'Passed' && !isHeld && !isSame;
  const next = { artifact: adapter, since: timestamp(now), run, ...origin, by: 'Gate' as const };
  const before = history.find((entry) => entry.run === run);
  const entry: PastRun = {
    run,
    time,
    artifact: adapter,
    ...origin,
    verdict,
    promoted: moves || (before?.promoted ?? false) || (isSame && promoted.run === run),
    ...headline,
  };
  const all = [entry, ...history.filter((other) => other.run !== run)];
  return {
    ...(moves ? { promoted: next } : {}),
    ...(moves && rollback !== undefined ? { rollback: null } : {}),
    history: trimmed(all, moves ? next : promoted, spec.historyLimit),
  };
}
