import { describe, expect, test } from 'vitest';
import { paused, progressing, ready, retrying, stalled } from './plan.ts';
import type { Plan } from './plan.ts';
import type { ConditionedStatus, ReconciledObject } from './reconciler.ts';
import { currentProgress, isSameStatus, plannedStatus, reconcileAnnotation } from './status.ts';

interface Status extends ConditionedStatus {
  artifact?: { digest: string };
  note?: string;
  progress?: { percent: number };
}

const early = new Date('2026-01-01T10:00:00.123Z');
const late = new Date('2026-01-01T11:00:00Z');
const thing = (status?: Status, annotations: Record<string, string> = {}): ReconciledObject<Status> => ({
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: { name: 'a', namespace: 'ns', generation: 3, annotations },
  ...(status === undefined ? {} : { status }),
});
const after = (object: ReconciledObject<Status>, plan: Plan<Status>, now = early): Status =>
  plannedStatus(object, plan, ['progress'], now);
const conditionsOf = (plan: Plan<Status>): string[] =>
  (after(thing(), plan).conditions ?? []).map(({ type, status, reason }) => `${type}=${status} ${reason}`);

describe('the conditions of a verdict', () => {
  test.each([
    ['ready', ready, ['Ready=True R']],
    ['progressing', progressing, ['Ready=Unknown R', 'Reconciling=True R']],
    ['retrying', retrying, ['Ready=False R', 'Reconciling=True R']],
    ['stalled', stalled, ['Ready=False R', 'Stalled=True R']],
    ['paused', paused, ['Ready=Unknown R']],
  ])('%s', (_name, verdict, expected) => expect(conditionsOf(verdict<Status>('R', 'm'))).toEqual(expected));

  test('come before those of the kind, which cannot replace them', () => {
    const conditions = [
      { type: 'Ready', status: 'False', reason: 'No', message: '' },
      { type: 'Queued', status: 'True', reason: 'Full', message: '' },
    ] as const;
    expect(conditionsOf(ready<Status>('R', 'm', { conditions }))).toEqual(['Ready=True R', 'Queued=True Full']);
  });
});

describe('a planned status', () => {
  const first = after(thing(), progressing<Status>('Waiting', 'for rows'));

  test('says of which generation it speaks, in times with whole seconds', () => {
    expect(first).toEqual({
      observedGeneration: 3,
      phase: 'Progressing',
      conditions: [
        {
          type: 'Ready',
          status: 'Unknown',
          reason: 'Waiting',
          message: 'for rows',
          observedGeneration: 3,
          lastTransitionTime: '2026-01-01T10:00:00Z',
        },
        expect.objectContaining({ type: 'Reconciling', status: 'True' }),
      ],
    });
  });

  test('is the same an hour later, so that a settled object is not written', () => {
    expect(isSameStatus(first, after(thing(first), progressing<Status>('Waiting', 'for rows'), late))).toBe(true);
  });

  test('keeps the time of a condition whose message alone changes, and moves it when the status does', () => {
    const other = after(thing(first), progressing<Status>('Training', 'step 1'), late);
    expect(other.conditions?.[0]).toMatchObject({ reason: 'Training', lastTransitionTime: '2026-01-01T10:00:00Z' });
    const done = after(thing(other), ready<Status>('Trained', ''), late);
    expect(done.conditions).toEqual([expect.objectContaining({ lastTransitionTime: '2026-01-01T11:00:00Z' })]);
  });

  test('keeps fields the plan does not name, and removes those it names as null', () => {
    const before = { ...first, artifact: { digest: 'd' }, note: 'n' };
    const plan = stalled<Status>('Failed', 'm', { status: { note: null } });
    expect(after(thing(before), plan)).toMatchObject({ artifact: { digest: 'd' }, phase: 'Failed' });
    expect(after(thing(before), plan)).not.toHaveProperty('note');
  });

  test('leaves progress to its own field manager', () => {
    const before = { ...first, progress: { percent: 5 } };
    const plan = ready<Status>('R', 'm', { status: { progress: { percent: 100 } } });
    expect(after(thing(before), plan)).not.toHaveProperty('progress');
    expect(currentProgress(thing(before), ['progress'])).toEqual({ progress: { percent: 5 } });
  });

  test('tells which request it has handled', () => {
    const requested = thing(undefined, { [reconcileAnnotation]: 'now' });
    expect(after(requested, ready<Status>('R', 'm')).lastHandledReconcileAt).toBe('now');
  });
});
