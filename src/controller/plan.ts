import type { ResourceNames } from './kinds.ts';

/** What an action needs to know of an object; plain JSON and the classes of kubernetes-models both fit. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata?: { name?: string; namespace?: string; uid?: string };
}

export interface ApplyAction {
  type: 'apply';
  object: Manifest;
  /** absent: `doctune-controller`. Owners that share an object need one each, since a manager's fields are a whole */
  fieldManager?: string;
}

export interface RemoveAction {
  type: 'remove';
  /** as observed: its uid guards against the removal of a namesake made since */
  object: Manifest;
  /** Foreground keeps the object until its pods are gone; neither ever orphans a pod */
  propagation: 'Background' | 'Foreground';
}

/** A step of RFC 6902, as far as plans need it. */
export interface JsonPatchOperation {
  op: 'test' | 'add';
  path: string;
  value: unknown;
}

/** Changes single fields of an object that somebody else has, of a kind that need not be watched. */
export interface PatchAction {
  type: 'patch';
  object: Manifest;
  kind: ResourceNames;
  operations: readonly JsonPatchOperation[];
}

export type Action = ApplyAction | RemoveAction | PatchAction;

export const apply = (object: Manifest, options: { fieldManager?: string } = {}): ApplyAction => ({
  type: 'apply',
  object,
  ...options,
});

export const remove = (
  object: Manifest,
  { propagation = 'Background' }: { propagation?: RemoveAction['propagation'] } = {},
): RemoveAction => ({ type: 'remove', object, propagation });

export const patch = (
  object: Manifest,
  kind: ResourceNames,
  operations: readonly JsonPatchOperation[],
): PatchAction => ({ type: 'patch', object, kind, operations });

/** A condition of the kind's own. Those that state something abnormal are in the list only while they are true. */
export interface PlannedCondition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  /** CamelCase */
  reason: string;
  message: string;
}

export interface PlannedEvent {
  type: 'Normal' | 'Warning';
  /** CamelCase */
  reason: string;
  message: string;
}

/** Top-level fields of a status: a value replaces the field, null removes it, an absent one is kept. */
export type StatusPatch<Status> = { readonly [Field in keyof Status]?: Status[Field] | null };

export type VerdictName = 'ready' | 'progressing' | 'retrying' | 'stalled' | 'paused';

export interface Verdict {
  name: VerdictName;
  /** CamelCase; the reason of `Ready` */
  reason: string;
  /** what is waited for, or what to do; the message of `Ready` */
  message: string;
}

interface PlanDetails<Status> {
  /** one word for people */
  phase: string;
  /** the kind's own conditions, all of them: a condition that is left out is removed */
  conditions: readonly PlannedCondition[];
  /** without conditions, phase, observedGeneration and lastHandledReconcileAt, which follow from the rest of the plan */
  status: StatusPatch<Status>;
  /** carried out in this order, before the status is written */
  actions: readonly Action[];
  /** look again after this time, even if nothing changes */
  requeueAfterSeconds?: number;
  /** sent only together with a change of status or an action; a change of `Ready` gives its event by itself */
  events: readonly PlannedEvent[];
  /**
   * The progress fields (`Reconciler.progressFields`), complete: `{}` clears them for a new run, the final values end a
   * run. Absent: left to the reports of the worker. They have a field manager of their own, so `status` cannot hold them.
   */
  progress?: Readonly<Record<string, unknown>>;
}

/** What an object needs next, as data. `Status` is the type of its status. */
export interface Plan<Status = Record<string, unknown>> extends PlanDetails<Status> {
  verdict: Verdict;
}

export type PlanOptions<Status> = Partial<PlanDetails<Status>>;

const planner =
  (name: VerdictName, phase: string) =>
  <Status = Record<string, unknown>>(
    reason: string,
    message: string,
    options: PlanOptions<Status> = {},
  ): Plan<Status> => ({
    verdict: { name, reason, message },
    phase,
    conditions: [],
    status: {},
    actions: [],
    events: [],
    ...options,
  });

/** What the spec asks for is there. Ready is True. */
export const ready = planner('ready', 'Ready');
/** On the way, or waiting for another object. Ready is Unknown, Reconciling is True. */
export const progressing = planner('progressing', 'Progressing');
/** Failed, and tried again without help. Ready is False, Reconciling is True. */
export const retrying = planner('retrying', 'Retrying');
/** Failed, and only a change by the user helps. Ready is False, Stalled is True. */
export const stalled = planner('stalled', 'Failed');
/** Held by the user. Ready is Unknown, and neither Reconciling nor Stalled is there. */
export const paused = planner('paused', 'Suspended');
