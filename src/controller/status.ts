import { asJson, isSameJson } from './json.ts';
import type { Plan, PlannedCondition, Verdict } from './plan.ts';
import type { Condition, ConditionedStatus, ReconciledObject } from './reconciler.ts';

export const reconcileAnnotation = 'doctune.dev/reconcile-requested-at';

type StatusFields = ConditionedStatus & Record<string, unknown>;

/** what the schemas of conditions allow */
const maxMessageLength = 4096;

/** Times in a status have whole seconds, as those of Kubernetes do. */
export const timestamp = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;

/** The conditions that follow from a verdict. Reconciling and Stalled exist only while they are true. */
function standardConditions({ name, reason, message }: Verdict): PlannedCondition[] {
  const condition = (type: string, status: PlannedCondition['status']) => ({ type, status, reason, message });
  switch (name) {
    case 'ready':
      return [condition('Ready', 'True')];
    case 'progressing':
      return [condition('Ready', 'Unknown'), condition('Reconciling', 'True')];
    case 'retrying':
      return [condition('Ready', 'False'), condition('Reconciling', 'True')];
    case 'stalled':
      return [condition('Ready', 'False'), condition('Stalled', 'True')];
    case 'paused':
      return [condition('Ready', 'Unknown')];
  }
}

const standardTypes = new Set(['Ready', 'Reconciling', 'Stalled']);

/** The kind's own conditions as they stand, for a plan that has nothing to say about them. */
export const ownConditions = (status: ConditionedStatus | undefined): PlannedCondition[] =>
  (status?.conditions ?? []).filter(({ type }) => !standardTypes.has(type));

function withTimes(
  planned: readonly PlannedCondition[],
  before: readonly Condition[],
  generation: number | undefined,
  now: string,
): Condition[] {
  return planned.map(({ type, status, reason, message }) => {
    const old = before.find((condition) => condition.type === type);
    return {
      type,
      status,
      reason,
      message: message.slice(0, maxMessageLength),
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      lastTransitionTime: old?.status === status ? old.lastTransitionTime : now,
    };
  });
}

function without(fields: StatusFields, names: readonly string[]): StatusFields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}

/** The part of a status that the plan's field manager has, as it stands. */
export const currentStatus = (object: ReconciledObject, progressFields: readonly string[]): StatusFields =>
  without((object.status ?? {}) as StatusFields, progressFields);

/** The part of a status that the reports of workers have, as it stands. */
export const currentProgress = (object: ReconciledObject, progressFields: readonly string[]): StatusFields => {
  const status = (object.status ?? {}) as StatusFields;
  return Object.fromEntries(Object.entries(status).filter(([name]) => progressFields.includes(name)));
};

/** The status that a plan asks for: the only place where conditions are made. `now` is used where something changed. */
export function plannedStatus(
  object: ReconciledObject,
  plan: Plan<object>,
  progressFields: readonly string[],
  now: Date,
): StatusFields {
  const before = currentStatus(object, progressFields);
  const { generation, annotations } = object.metadata;
  const planned = [
    ...standardConditions(plan.verdict),
    ...plan.conditions.filter(({ type }) => !standardTypes.has(type)),
  ];
  const requestedAt = annotations?.[reconcileAnnotation];
  const status = {
    ...before,
    ...(plan.status as Record<string, unknown>),
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...(requestedAt === undefined ? {} : { lastHandledReconcileAt: requestedAt }),
    phase: plan.phase,
    conditions: withTimes(planned, before.conditions ?? [], generation, timestamp(now)),
  };
  const kept = Object.entries(status as Record<string, unknown>).filter(([, value]) => value !== null);
  return asJson(without(Object.fromEntries(kept), progressFields)) as StatusFields;
}

export const isSameStatus = (a: object, b: object): boolean => isSameJson(a, b);

export const readyOf = (status: ConditionedStatus | undefined): Condition | undefined =>
  status?.conditions?.find(({ type }) => type === 'Ready');
