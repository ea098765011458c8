import { z } from 'zod';
import { count, listByKey, time } from './scalars.ts';

export const condition = z.strictObject({
  type: z.string().min(1).max(316).describe('Type of the condition in CamelCase.'),
  status: z.enum(['True', 'False', 'Unknown']).describe('Whether the condition holds.'),
  observedGeneration: count().optional().describe('Generation of the spec that the condition speaks of.'),
  lastTransitionTime: time().describe('When the status last changed.'),
  reason: z
    .string()
    .min(1)
    .max(1024)
    .regex(/^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/)
    .describe('Why, as one word for programs.'),
  message: z.string().max(4096).describe('Why, as a sentence for people: it names the field and says what to do.'),
});
export type Condition = z.infer<typeof condition>;

/** One word for people; programs read the conditions. */
const phases = [
  'Pending',
  'Progressing',
  'Queued',
  'Running',
  'Retrying',
  'Ready',
  'Failed',
  'Suspended',
  'AwaitingApproval',
  'PartiallyFailed',
] as const;
export type Phase = (typeof phases)[number];

export interface ConditionType {
  type: string;
  meaning: string;
}

/** Conditions of every kind. `Ready` is always there, the others only while they are true. */
export const sharedConditions: readonly ConditionType[] = [
  { type: 'Ready', meaning: 'the artifact or result for the current spec is there' },
  { type: 'Reconciling', meaning: 'something is under way, or waited for' },
  { type: 'Stalled', meaning: 'nothing will change until the spec, an input or a request changes' },
  { type: 'Suspended', meaning: '`spec.suspend` is true' },
];

/** Status fields that every kind has. */
export const sharedStatus = {
  observedGeneration: count().optional().describe('Generation of the spec that this status speaks of.'),
  phase: z.enum(phases).optional().describe('Where the object stands, for people; programs read the conditions.'),
  conditions: listByKey(condition, 'type', 0, 16)
    .optional()
    .describe('"Ready" is always there; abnormal conditions only while they are true.'),
  lastHandledReconcileAt: z
    .string()
    .max(256)
    .optional()
    .describe('Value of the annotation "doctune.dev/reconcile-requested-at" that was last acted upon.'),
};
