import { fineTuneJob } from '../../api/v1alpha1/index.ts';
import type { FineTuneJobStatus } from '../../api/v1alpha1/index.ts';
import type { PlannedCondition } from '../../controller/plan.ts';
import { yes } from '../shared/waiting.ts';

type Warnings = NonNullable<FineTuneJobStatus['warnings']>;

const types: ReadonlySet<string> = new Set(fineTuneJob.conditions.map(({ type }) => type));

/** A warning of the trainer becomes the condition of its name; one that has none is in the status alone. */
export const warned = (warnings: Warnings = []): PlannedCondition[] =>
  warnings.filter(({ reason }) => types.has(reason)).map(({ reason, message }) => yes(reason, reason, message));
