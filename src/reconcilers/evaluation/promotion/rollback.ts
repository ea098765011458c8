import { annotations } from '../../../api/v1alpha1/index.ts';
import type { Evaluation, EvaluationStatus, PastRun } from '../../../api/v1alpha1/index.ts';
import { storeClaim } from '../../../contract/environment.ts';
import type { Claim } from '../../../controller/kinds.ts';
import type { PlannedCondition, PlannedEvent, StatusPatch } from '../../../controller/plan.ts';
import { timestamp } from '../../../controller/status.ts';
import { known } from '../../shared/figures.ts';
import { isTerminating } from '../../shared/store-claim.ts';
import { yes } from '../../shared/waiting.ts';
import { previousOf, rolledTo } from './history.ts';
import { originOf } from './origin.ts';

interface Situation {
  evaluation: Evaluation;
  claim: Claim | undefined;
  now: Date;
}

interface Refusal {
  reason: string;
  message: string;
}

export interface RollbackPlan {
  status: StatusPatch<EvaluationStatus>;
  events: PlannedEvent[];
}

const nothing: RollbackPlan = { status: {}, events: [] };
const previous = 'previous';

/** What may be gone back to, in a few words. */
function choices(history: readonly PastRun[]): string {
  const runs = history.filter(({ verdict }) => verdict === 'Passed').map(({ run }) => `"${run}"`);
  return runs.length === 0 ? 'none has passed yet' : `those that passed are ${runs.slice(0, 6).join(', ')}`;
}

/** Only the claim can be seen from here: an adapter is in it as long as the claim is the one it was written to. */
function isGone({ artifact }: PastRun, claim: Claim | undefined): boolean {
  if (!artifact.uri.startsWith('pvc://')) return false;
  if (claim === undefined || isTerminating(claim)) return true;
  const made = claim.metadata.creationTimestamp;
  return made !== undefined && Date.parse(made) > Date.parse(artifact.lastUpdateTime);
}

/** The run to go back to, or why there is none. `asked` is the value of the annotation without what stands behind "@". */
function targetOf(asked: string, { evaluation: { status = {} }, claim }: Situation): PastRun | Refusal {
  const { history = [] } = status;
  const found =
    asked === previous
      ? previousOf(status)
      : history.find(({ run, trainingRun }) => run === asked || trainingRun === asked);
  const again = `then set the annotation again, such as "${asked.slice(0, 80)}@2"`;
  if (found === undefined && asked === previous) {
    const message = `no adapter was promoted before this one that nobody went back from: name a run of status.history (${choices(history)}), ${again}`;
    return { reason: 'NoPreviousAdapter', message };
  }
  if (found === undefined) {
    const message = `run "${asked.slice(0, 80)}" is not in status.history: ${choices(history)}; correct the annotation`;
    return { reason: 'RunNotFound', message };
  }
  if (found.verdict !== 'Passed') {
    const message = `run "${found.run}" did not pass the gate (${found.verdict}): ${choices(history)}; correct the annotation`;
    return { reason: 'RunNotPassed', message };
  }
  if (!isGone(found, claim)) return found;
  const message = `the claim "${storeClaim}" that held the adapter of run "${found.run}" is gone: bring it back, or train the adapter again, ${again}`;
  return { reason: 'ArtifactGone', message };
}

function goBack(target: PastRun, value: string, { evaluation, now }: Situation): RollbackPlan {
  const { metadata, status = {} } = evaluation;
  const { history = [], promoted, rollback, rollbacks = [] } = status;
  const { run, artifact } = target;
  const time = timestamp(now);
  const by = metadata.annotations?.[annotations.rollbackBy]?.slice(0, 256);
  const reason = metadata.annotations?.[annotations.rollbackReason]?.slice(0, 1024);
  const move = { to: run, ...known({ from: promoted?.run }), time, ...known({ by, reason }) };
  const newer = history.slice(0, history.indexOf(target)).map((entry) => entry.artifact.digest);
  const held = [...new Set([...newer, ...(rollback?.held ?? [])])].filter((digest) => digest !== artifact.digest);
  return {
    status: {
      promoted: { artifact, since: time, run, ...originOf(target), by: 'Rollback' },
      rollback: { ...move, held: held.slice(0, 100) },
      rollbacks: [move, ...rollbacks].slice(0, 20),
      rollbackRequest: { value },
      history: rolledTo(history, target, held),
    },
    events: [{ type: 'Normal', reason: 'RolledBack', message: sentence(move) }],
  };
}

function sentence({ to, by, reason }: NonNullable<EvaluationStatus['rollbacks']>[number]): string {
  const who = by === undefined ? '' : ` by ${by}`;
  return `the adapter of run "${to}" was promoted again${who}${reason === undefined ? '' : `: ${reason}`}`;
}

/** Act upon the annotation, once for each of its values. Pure. */
export function rollBack(situation: Situation): RollbackPlan {
  const { metadata, status = {} } = situation.evaluation;
  const value = metadata.annotations?.[annotations.rollback]?.slice(0, 256) ?? '';
  if (value === '')
    return status.rollbackRequest === undefined ? nothing : { status: { rollbackRequest: null }, events: [] };
  if (value === status.rollbackRequest?.value) return nothing;
  const target = targetOf(value.split('@')[0] ?? '', situation);
  if ('artifact' in target) return goBack(target, value, situation);
  return { status: { rollbackRequest: { value, refused: target } }, events: [] };
}

/** What is to be said of rollbacks, whatever else goes on. */
export function rollbackConditions({ rollback, rollbackRequest }: EvaluationStatus): PlannedCondition[] {
  const refused = rollbackRequest?.refused;
  return [
    ...(rollback === undefined
      ? []
      : [yes('RolledBack', 'Requested', `${sentence(rollback)}; it stays until a newer adapter passes`)]),
    ...(refused === undefined ? [] : [yes('RollbackRefused', refused.reason, refused.message)]),
  ];
}
