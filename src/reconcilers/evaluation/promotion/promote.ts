import type {
  AbTestStatus,
  Artifact,
  Evaluation,
  EvaluationStatus,
  Origin,
  PastRun,
  Verdict,
} from '../../../api/v1alpha1/index.ts';
import { timestamp } from '../../../controller/status.ts';
import { known } from '../../shared/figures.ts';
import { begun, isUnderWay } from '../ab-test/decide.ts';
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
  abTest?: AbTestStatus;
}

/** What a pass does: it promotes, begins a test under traffic, or nothing. */
function effectOf({ spec, status = {} }: Evaluation, { adapter, verdict }: Measured): 'promote' | 'test' | 'none' {
  const { promoted, rollback, history = [], abTest } = status;
  const { digest } = adapter;
  const isHeld = rollback?.held.includes(digest) ?? false;
  if (verdict !== 'Passed' || isHeld || promoted?.artifact.digest === digest) return 'none';
  // without a promoted adapter there is nothing to compare with
  if (spec.abTest === undefined || promoted === undefined) return 'promote';
  const hasEnded = history.some((entry) => entry.artifact.digest === digest && isFinal(entry.abTest));
  const isTested = abTest?.artifact.digest === digest && isUnderWay(abTest);
  return hasEnded || isTested ? 'none' : 'test';
}

/** Whether these results promoted the adapter; a status of an older version does not tell the run. */
const isPromotedBy = (promoted: EvaluationStatus['promoted'], { run, adapter }: Measured): boolean =>
  promoted?.artifact.digest === adapter.digest && (promoted.run ?? run) === run;

/** One that was stopped has proven nothing, so it may begin anew. */
const isFinal = (outcome: PastRun['abTest']): boolean => outcome !== undefined && outcome !== 'Stopped';

const endedByNext = ({ abTest }: EvaluationStatus, history: readonly PastRun[]): PastRun[] =>
  history.map((entry) =>
    abTest !== undefined && isUnderWay(abTest) && entry.run === abTest.run ? { ...entry, abTest: 'Stopped' } : entry,
  );

/**
 * What a verdict moves. Only a pass promotes, and never an adapter that somebody went back from; another one that passes
 * ends the rollback. Judging the same again gives the same.
 */
export function promote(evaluation: Evaluation, measured: Measured, now: Date): Promotion {
  const { spec, status = {} } = evaluation;
  const { run, time, adapter, origin, verdict, headline } = measured;
  const { promoted, rollback, history = [] } = status;
  const effect = effectOf(evaluation, measured);
  const isMoved = effect === 'promote';
  const next = { artifact: adapter, since: timestamp(now), run, ...origin, by: 'Gate' as const };
  const before = history.find((entry) => entry.run === run);
  const entry: PastRun = {
    run,
    time,
    artifact: adapter,
    ...origin,
    verdict,
    promoted: isMoved || (before?.promoted ?? false) || isPromotedBy(promoted, measured),
    ...known({ abTest: before?.abTest, rolledBack: isMoved ? undefined : before?.rolledBack }),
    ...headline,
  };
  const others = history.filter((other) => other.run !== run);
  const all = [entry, ...(effect === 'test' ? endedByNext(status, others) : others)];
  return {
    ...(isMoved ? { promoted: next } : {}),
    ...(isMoved && rollback !== undefined ? { rollback: null } : {}),
    ...(effect === 'test' && spec.abTest !== undefined
      ? { abTest: begun(spec.abTest, measured, status.abTest, now) }
      : {}),
    history: trimmed(all, isMoved ? next : promoted, spec.historyLimit),
  };
}
