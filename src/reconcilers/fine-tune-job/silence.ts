import type { PlannedCondition } from '../../controller/plan.ts';
import { secondsUntil, yes } from '../shared/waiting.ts';
import type { StepOf } from '../shared/waiting.ts';
import type { Observed } from './observe.ts';
import { parametersOf } from './parameters/resolve.ts';

interface Silence {
  conditions: PlannedCondition[];
  /** when to look whether a run that reports now still does */
  requeueAfterSeconds?: number;
}

const later = (a: Date, b: Date): Date => (a > b ? a : b);

/** What was heard of a run last: its newest report, or the start of its pod after that. */
function lastSign({ job: { status } }: Observed, { run, since }: StepOf<'train', 'running'>): Date | undefined {
  const { trainerStatus } = status ?? {};
  const reported = trainerStatus?.run === run.name ? trainerStatus.lastUpdatedTime : undefined;
  const signs = [reported, since].filter((time) => time !== undefined).map((time) => new Date(time));
  return signs.length === 0 ? undefined : signs.reduce(later);
}

/**
 * That a run under way has said nothing for as long as no batch should take. The trainer ends its own standstills; this is
 * for what it cannot see: a process that stands still as a whole, reports that do not arrive, an image of one's own.
 */
export function silence(observed: Observed, step: StepOf<'train', 'running'>): Silence {
  const last = lastSign(observed, step);
  if (last === undefined) return { conditions: [] };
  const { stallSeconds } = parametersOf(observed.job.spec).watchdog;
  const left = secondsUntil(new Date(last.getTime() + stallSeconds * 1000), observed.now);
  if (left > 0) return { conditions: [], requeueAfterSeconds: left };
  const { name } = step.job.metadata;
  const message =
    `nothing was heard of the run since ${last.toISOString()}, for more than the ${stallSeconds} s of ` +
    `spec.watchdog.stallSeconds: see the log of its pod (kubectl logs job/${name}), and whether it reaches the operator; ` +
    'delete the pod, and the run goes on from its last checkpoint; raise the field if a batch takes that long';
  return { conditions: [yes('RunStalled', 'NoReports', message)] };
}
