import { parseDuration } from '../../api/v1alpha1/index.ts';
import type { FineTuneJob } from '../../api/v1alpha1/index.ts';
import { nextTick } from '../shared/cron.ts';

/** Until when an adapter that is there holds new inputs off: a time, `never`, or undefined for not at all. */
export type Hold = Date | 'never' | undefined;

/**
 * Whether the policy lets new inputs train now. A schedule opens the door at the first tick after the adapter was made,
 * and it stays open: a tick that passed while the operator was away is made up for.
 */
export function holdOf({ spec: { retrain }, status }: FineTuneJob, now: Date): Hold {
  if (status?.artifactRun === undefined || status.artifact === undefined) return undefined;
  const { policy, schedule, timeZone, minInterval } = retrain;
  if (policy === 'Never') return 'never';
  const made = new Date(status.artifact.lastUpdateTime);
  const rested = minInterval === undefined ? made : new Date(made.getTime() + parseDuration(minInterval) * 1000);
  const opens = policy === 'Schedule' ? nextTick(schedule ?? '', timeZone, rested) : rested;
  if (opens === undefined) return 'never';
  return opens > now ? opens : undefined;
}

/** What is wrong with the schedule, as a message for the user. */
export function scheduleProblem({ spec: { retrain } }: FineTuneJob): string | undefined {
  const { policy, schedule, timeZone } = retrain;
  if (policy !== 'Schedule') return undefined;
  try {
    nextTick(schedule ?? '', timeZone, new Date(0));
    return undefined;
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    return `spec.retrain.schedule "${schedule ?? ''}" in time zone "${timeZone}" is no schedule: ${cause}: write five fields as in cron, such as "0 3 1 */3 *"`;
  }
}
