import { describe, expect, it } from 'vitest';
import { aDataset, aFineTuneJob, generated, settings } from '../../../tests/builders/objects.ts';
import { Scene, after, decision, settle } from '../../../tests/builders/plans.ts';
import type { PlanRow } from '../../../tests/builders/plans.ts';
import { trainResult } from '../../../tests/builders/pods.ts';
import type { GangState } from '../../../tests/builders/pods.ts';
import type { FineTuneJob } from '../../api/v1alpha1/index.ts';
import { services } from '../../controller/kinds.ts';
import { gangOf } from '../shared/gang.ts';
import { fineTuneJobReconciler } from './index.ts';

/** Two pods that train together, before anything is done. */
function two(): Scene<FineTuneJob> {
  const job = aFineTuneJob({ resources: { nodes: 2 } });
  const scene = new Scene<FineTuneJob>(fineTuneJobReconciler(settings), job);
  scene.world.put(generated(aDataset(), 'rows'));
  return scene;
}

const started = (): Scene<FineTuneJob> => after(two(), (scene) => void scene.reconcile());
const withPods = (...states: readonly GangState[]): Scene<FineTuneJob> =>
  after(started(), ({ pods }) => pods.gang(...states));

const ended = (exitCode: number, reason: string) => ({
  exitCode,
  result: { version: 1, reason, message: `what the worker says of ${reason}`, exitCode },
});
const done = { exitCode: 0, result: trainResult('adapter') };

const rows: PlanRow<FineTuneJob>[] = [
  {
    title: '[T14] two nodes get a Service before their job',
    scene: two,
    says: 'progressing RunCreated',
    phase: 'Queued',
    actions: [
      'apply PersistentVolumeClaim doctune-artifacts',
      'apply NetworkPolicy quickstart.finetunejob',
      'apply ConfigMap quickstart-train-#',
      'apply Service quickstart-train-#',
      'apply Job quickstart-train-#',
    ],
  },
  {
    title: 'as long as one pod waits, the run waits',
    scene: () => withPods('Running', 'Pending'),
    says: 'progressing PodStarting',
    phase: 'Pending',
  },
  {
    title: 'it is under way when all pods run',
    scene: () => withPods('Running', 'Running'),
    says: 'progressing Training',
    phase: 'Running',
    conditions: ['Running=True'],
  },
  {
    title: '[T14] an evicted pod is told as a setback while the others wait for it',
    scene: () => withPods('Running', ended(40, 'PreemptedSaved')),
    says: 'progressing Training',
    message: /an attempt before failed: what the worker says of PreemptedSaved/,
    phase: 'Running',
    conditions: ['Running=True'],
  },
  {
    title: '[T14] the result of pod 0 is that of the run, also when another pod was stopped after it',
    scene: () => after(withPods(done, ended(42, 'PeerLost')), ({ pods }) => pods.finished('Complete', 'SuccessPolicy')),
    says: 'ready Trained',
    phase: 'Ready',
    conditions: ['Complete=True'],
  },
  {
    title: '[T14] the pod to blame is believed, not one that fell with it',
    scene: () =>
      after(withPods(ended(11, 'InvalidRow'), ended(42, 'PeerLost')), ({ pods }) =>
        pods.finished('Failed', 'PodFailurePolicy'),
      ),
    says: 'stalled InvalidRow',
    message: /what the worker says of InvalidRow/,
    phase: 'Failed',
    conditions: ['Failed=True'],
  },
  {
    title: 'another number of nodes after a failure starts the same run again, without leaving its Service behind',
    scene: () =>
      after(withPods(ended(10, 'WorldSizeChanged'), ended(42, 'PeerLost')), (scene) => {
        scene.pods.finished('Failed', 'PodFailurePolicy');
        scene.reconcile();
        scene.edit({ resources: aFineTuneJob().spec.resources });
      }),
    says: 'progressing Replacing',
    phase: 'Pending',
    actions: [
      'remove ConfigMap quickstart-train-#',
      'remove Service quickstart-train-#',
      'remove Job quickstart-train-#',
    ],
  },
];

describe('a FineTuneJob of several nodes', () => {
  it.each(rows.map((row) => [row.title, row] as const))('%s', (_, row) => {
    const decided = decision(row.scene());
    const { says, message = /./, phase, conditions = [], actions = [] } = row;
    expect(decided).toMatchObject({ says, phase, conditions });
    expect(decided.message).toMatch(message);
    if (row.actions !== undefined) expect(decided.actions).toEqual(actions);
  });

  it.each(rows.map((row) => [row.title, row] as const))('comes to rest, and does nothing twice: %s', (_, row) => {
    const scene = row.scene();
    settle(scene);
    expect(scene.reconcile().actions).toEqual([]);
  });

  it('suspended, it leaves no Service', () => {
    const scene = withPods('Running', 'Running');
    expect(scene.world.all(services)).toHaveLength(1);
    scene.edit({ suspend: true });
    settle(scene);
    expect(scene.world.all(services)).toEqual([]);
  });
});

it.each([
  [{ gpus: 0 }, undefined],
  [{ gpus: 1, nodes: 1 }, undefined],
  [
    { gpus: 0, nodes: 3 },
    { nodes: 3, processes: 1 },
  ],
  [
    { gpus: 8, nodes: 1 },
    { nodes: 1, processes: 8 },
  ],
  [
    { gpus: 4, nodes: 2 },
    { nodes: 2, processes: 4 },
  ],
])('[T14] %o: one process a GPU, on CPUs one a pod', (resources, gang) => {
  expect(gangOf(resources)).toEqual(gang);
});
