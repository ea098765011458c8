import { describe, expect, it } from 'vitest';
import { aDataset, aFineTuneJob, generated, settings, trained } from '../../../tests/builders/objects.ts';
import { Scene, after, decision, settle } from '../../../tests/builders/plans.ts';
import type { PlanRow } from '../../../tests/builders/plans.ts';
import { trainResult } from '../../../tests/builders/pods.ts';
import type { FineTuneJob } from '../../api/v1alpha1/index.ts';
import { pods as podKind } from '../../controller/kinds.ts';
import { desiredRun } from '../shared/run.ts';
import { trainInput } from './render.ts';
import { fineTuneJobReconciler, progressStatus } from './index.ts';

type Spec = Record<string, unknown>;

const withoutDataset = (spec: Spec = {}): Scene<FineTuneJob> =>
  new Scene<FineTuneJob>(fineTuneJobReconciler(settings), aFineTuneJob(spec));

function withDataset(spec: Spec = {}): Scene<FineTuneJob> {
  const scene = withoutDataset(spec);
  scene.world.put(generated(aDataset(), 'rows'));
  return scene;
}

/** The run is created; its Job has no pod yet. */
function started(spec: Spec = {}): Scene<FineTuneJob> {
  const scene = withDataset(spec);
  scene.reconcile();
  return scene;
}

function running(spec: Spec = {}): Scene<FineTuneJob> {
  const scene = started(spec);
  scene.pods.running();
  scene.reconcile();
  return scene;
}

/** The pod watch is behind, or the pod is gone. */
function endedWithoutPods({ pods, world }: Scene<FineTuneJob>, type: 'Complete' | 'Failed'): void {
  pods.finished(type, type === 'Complete' ? 'CompletionsReached' : 'BackoffLimitExceeded');
  for (const pod of world.ownedBy(podKind, pods.job())) world.delete(pod);
}

function done(spec: Spec = {}): Scene<FineTuneJob> {
  const scene = running(spec);
  scene.pods.succeeded(trainResult('adapter'));
  scene.reconcile();
  return scene;
}

function failed(exitCode: number, reason: string, spec: Spec = {}): Scene<FineTuneJob> {
  const scene = running(spec);
  scene.pods.failed(exitCode, reason, 'the reason as the worker tells it');
  scene.reconcile();
  return scene;
}

/** A report of the trainer, as the progress server writes it. */
function reported(
  scene: Scene<FineTuneJob>,
  metrics: Record<string, number>,
  lastUpdatedTime = '2026-11-22T12:00:00Z',
) {
  const { object } = scene;
  const report = { metrics: Object.entries(metrics).map(([name, value]) => ({ name, value })), lastUpdatedTime };
  const context = { run: scene.pods.job().metadata.name, before: object.status };
  scene.world.put({ ...object, status: { ...object.status, ...progressStatus({ trainerStatus: report }, context) } });
}

/** As `started`, with the labels by which Kueue takes the job into a queue. */
function queued(): Scene<FineTuneJob> {
  const labels = { 'kueue.x-k8s.io/queue-name': 'team-a', 'kueue.x-k8s.io/priority-class': 'low', team: 'a' };
  return after(withDataset(), (scene) => {
    scene.world.put({ ...scene.object, metadata: { ...scene.object.metadata, labels } });
    scene.reconcile();
  });
}

const newRows = (scene: Scene<FineTuneJob>): void => void scene.world.put(generated(aDataset(), 'newer rows'));
const otherRank = { lora: aFineTuneJob({ lora: { rank: 64 } }).spec.lora };

const nightly = { retrain: { policy: 'Schedule', schedule: '0 3 * * *', timeZone: 'Etc/UTC' } };

const createsRun = [
  'apply NetworkPolicy quickstart.finetunejob',
  'apply ConfigMap quickstart-train-#',
  'apply Job quickstart-train-#',
];
const createsAll = ['apply PersistentVolumeClaim doctune-artifacts', ...createsRun];
const removesRun = ['remove ConfigMap quickstart-train-#', 'remove Job quickstart-train-#'];

const onto = { initAdapterFrom: { jobRef: { name: 'last-month' } } };
const lastMonth = (content = 'old', spec: Spec = {}) => trained(aFineTuneJob(spec, 'last-month'), content);

/** Its dataset and the adapter that it begins with are there. */
const ontoAdapter = (): Scene<FineTuneJob> => after(withDataset(onto), ({ world }) => void world.put(lastMonth()));

const goingOn: PlanRow<FineTuneJob>[] = [
  {
    title: '[C48] without the job whose adapter it begins with it waits, and names the field',
    scene: () => withDataset(onto),
    says: 'progressing AdapterNotFound',
    message: /"last-month" does not exist: create it, or correct spec\.initAdapterFrom\.jobRef\.name$/,
    phase: 'Pending',
  },
  {
    title: '[C48] a job without an adapter is waited for',
    scene: () => after(withDataset(onto), ({ world }) => void world.put(aFineTuneJob({}, 'last-month'))),
    says: 'progressing AdapterNotReady',
    phase: 'Pending',
  },
  {
    title: '[C48] adapters that begin with each other are refused',
    scene: () =>
      after(withDataset(onto), ({ world }) => {
        world.put(lastMonth('old', { initAdapterFrom: { jobRef: { name: 'before' } } }));
        world.put(aFineTuneJob({ initAdapterFrom: { jobRef: { name: 'quickstart' } } }, 'before'));
      }),
    says: 'stalled CircularReference',
    phase: 'Failed',
  },
];

const waiting: PlanRow<FineTuneJob>[] = [
  {
    title: 'without its dataset it waits, and names the field',
    scene: withoutDataset,
    says: 'progressing DatasetNotFound',
    message: /^dataset "quickstart" does not exist: create it, or correct spec\.datasetRef\.name$/,
    phase: 'Pending',
  },
  {
    title: 'a dataset without rows is waited for, with what the dataset itself says',
    scene: () =>
      after(withoutDataset(), ({ world }) => {
        const rows = generated(aDataset(), 'rows');
        const said = { ...rows.status!.conditions![0]!, status: 'False' as const, message: 'too few rows' };
        world.put({ ...rows, status: { conditions: [said] } });
      }),
    says: 'progressing DatasetNotReady',
    message: /dataset "quickstart" has no artifact yet: too few rows/,
    phase: 'Pending',
  },
  {
    title: 'a dataset that is being made anew is not trained on first',
    scene: () =>
      after(withoutDataset(), ({ world }) => {
        const rows = generated(aDataset(), 'rows');
        const ready = rows.status!.conditions![0]!;
        const conditions = [
          { ...ready, status: 'Unknown' as const, message: 'run is making rows' },
          { ...ready, type: 'Reconciling' },
        ];
        world.put({ ...rows, status: { ...rows.status, conditions } });
      }),
    says: 'progressing DatasetChanging',
    message: /dataset "quickstart" is being made anew: run is making rows/,
    phase: 'Pending',
  },
  {
    title: 'a dataset whose edit was not looked at yet is not trained on first',
    scene: () =>
      after(withoutDataset(), ({ world }) => {
        const rows = generated(aDataset(), 'rows');
        world.put({
          ...rows,
          metadata: { ...rows.metadata, generation: 2 },
          status: { ...rows.status, observedGeneration: 1 },
        });
      }),
    says: 'progressing DatasetChanging',
    phase: 'Pending',
  },
  {
    title: 'a store that is being removed is not used',
    scene: () =>
      after(withDataset(), (scene) => {
        const metadata = { name: 'doctune-artifacts', namespace: 'docs', deletionTimestamp: '2026-11-22T11:00:00Z' };
        scene.world.put({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata });
      }),
    says: 'progressing StoreTerminating',
    phase: 'Pending',
  },
  {
    title: 'with a dataset it makes the store, the input and the job, in this order',
    scene: withDataset,
    says: 'progressing RunCreated',
    phase: 'Queued',
    actions: createsAll,
  },
  {
    title: 'a fresh job is waited for',
    scene: started,
    says: 'progressing PodCreating',
    phase: 'Queued',
    conditions: ['Queued=True'],
  },
  {
    title: 'a job without a pod for half a minute points to the quota',
    scene: () => after(started(), ({ world }) => world.wait(31)),
    says: 'progressing NoPod',
    message: /quota or an admission rule/,
    phase: 'Queued',
    conditions: ['Queued=True'],
  },
  {
    title: 'impossible resources name the field',
    scene: () =>
      after(started({ resources: { gpus: 8 } }), ({ pods }) => void pods.unschedulable('0/1 nodes: insufficient gpu')),
    says: 'progressing Unschedulable',
    message: /no node takes the pod: 0\/1 nodes: insufficient gpu: free or add a node, or lower spec\.resources/,
    phase: 'Queued',
    conditions: ['Queued=True'],
  },
  {
    title: 'corrected resources replace a pod that never ran',
    scene: () =>
      after(started({ resources: { gpus: 8 } }), (scene) => {
        scene.pods.unschedulable('insufficient gpu');
        scene.reconcile();
        scene.edit({ resources: { gpus: 0 } });
      }),
    says: 'progressing Replacing',
    phase: 'Pending',
    actions: removesRun,
  },
  {
    title: 'an image that cannot be pulled says so',
    scene: () => after(started(), ({ pods }) => void pods.waiting('ImagePullBackOff', 'not found')),
    says: 'progressing ImagePullBackOff',
    message: /image of the worker cannot be pulled: not found/,
    phase: 'Pending',
  },
  {
    title: 'a missing secret is named with its field once the pod has waited',
    scene: () =>
      after(started({ baseModel: { huggingFace: { repo: 'a/b', secretRef: { name: 'hub' } } } }), ({ pods, world }) => {
        pods.waiting('ContainerCreating');
        world.wait(31);
      }),
    says: 'progressing VolumesNotReady',
    message: /secret "hub" with the key "token" \(spec\.baseModel\.huggingFace\.secretRef\) exists/,
    phase: 'Pending',
  },
  {
    title: 'a job that its queue holds back is queued, and names the queue',
    scene: () => after(queued(), ({ pods }) => pods.suspended()),
    says: 'progressing WaitsInQueue',
    message: /^job ".*" waits in the queue "team-a": it starts by itself when there is quota/,
    phase: 'Queued',
    conditions: ['Queued=True'],
  },
  {
    title: 'a job that its queue lets go of runs on',
    scene: () =>
      after(queued(), ({ pods, world }) => {
        pods.suspended();
        const job = pods.job();
        world.put({ ...job, spec: { ...job.spec!, suspend: false } });
        pods.running();
      }),
    says: 'progressing Training',
    phase: 'Running',
    conditions: ['Running=True'],
  },
  {
    title: 'a run that its queue takes back is queued again, and keeps its checkpoint',
    scene: () =>
      after(queued(), (scene) => {
        scene.pods.running();
        reported(scene, { checkpoint_step: 40 });
        scene.reconcile();
        for (const pod of scene.world.ownedBy(podKind, scene.pods.job())) scene.world.delete(pod);
        scene.pods.suspended();
      }),
    says: 'progressing WaitsInQueue',
    phase: 'Queued',
    conditions: ['CheckpointSaved=True', 'Queued=True'],
  },
  {
    title: 'a job that somebody suspended by hand says how it goes on',
    scene: () => after(started(), ({ pods }) => pods.suspended()),
    says: 'progressing JobSuspended',
    message: /set its spec\.suspend to false/,
    phase: 'Queued',
    conditions: ['Queued=True'],
  },
  {
    title: 'memory of a GPU that no node has is named with its field',
    scene: () =>
      after(started({ resources: { gpus: 1, gpuMemory: '80Gi' } }), ({ pods }) => {
        pods.unschedulable("0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector");
      }),
    says: 'progressing Unschedulable',
    message: /affinity\/selector: spec\.resources\.gpuMemory asks for GPUs of at least 80Gi, .*lower spec\.resources$/,
    phase: 'Queued',
    conditions: ['Queued=True'],
  },
  {
    title: 'a missing claim of the model is named with its field',
    scene: () =>
      after(started({ baseModel: { claimRef: { name: 'models' } } }), ({ pods }) => {
        pods.unschedulable('persistentvolumeclaim "models" not found');
      }),
    says: 'progressing ClaimNotFound',
    message: /check claim "models" \(spec\.baseModel\.claimRef\)/,
    phase: 'Pending',
  },
];

const atWork: PlanRow<FineTuneJob>[] = [
  {
    title: 'a running pod is training',
    scene: running,
    says: 'progressing Training',
    phase: 'Running',
    conditions: ['Running=True'],
  },
  {
    title: 'a checkpoint is told in a condition, and to the job for schedulers',
    scene: () => after(running(), (scene) => reported(scene, { checkpoint_step: 40 })),
    says: 'progressing Training',
    phase: 'Running',
    conditions: ['Running=True', 'CheckpointSaved=True'],
    actions: ['apply Job quickstart-train-#'],
  },
  {
    title: 'an attempt that failed before is told while the next one runs',
    scene: () =>
      after(running(), ({ pods }) => {
        pods.ended(60, JSON.stringify({ version: 1, reason: 'Internal', message: 'it stumbled', exitCode: 60 }));
        pods.running();
      }),
    says: 'progressing Training',
    message: /; an attempt before failed: it stumbled$/,
    phase: 'Running',
    conditions: ['Running=True'],
  },
  {
    title: 'new rows replace a run under way',
    scene: () => after(running(), newRows),
    says: 'progressing Replacing',
    phase: 'Pending',
    actions: removesRun,
  },
  {
    title: 'with concurrency "Finish" new rows wait for the run under way',
    scene: () => after(running({ concurrency: 'Finish' }), newRows),
    says: 'progressing Training',
    phase: 'Running',
    conditions: ['Running=True'],
  },
  {
    title: 'with concurrency "Finish" an adapter of older rows is published, and another run follows',
    scene: () =>
      after(running({ concurrency: 'Finish' }), (scene) => {
        newRows(scene);
        scene.pods.succeeded(trainResult('adapter'));
      }),
    says: 'progressing Superseded',
    message: /its inputs have changed, so another run follows/,
    phase: 'Pending',
  },
  {
    title: 'what only concerns the machine changes nothing for a run under way',
    scene: () => after(running(), (scene) => scene.edit({ resources: { gpus: 1 }, backoffLimit: 1 })),
    says: 'progressing Training',
    phase: 'Running',
    conditions: ['Running=True'],
  },
  {
    title: 'suspended, a run under way is stopped',
    scene: () => after(running(), (scene) => scene.edit({ suspend: true })),
    says: 'paused Suspended',
    phase: 'Suspended',
    conditions: ['Suspended=True'],
    actions: removesRun,
  },
  {
    title: 'no longer suspended, the same run goes on',
    scene: () =>
      after(running(), (scene) => {
        scene.edit({ suspend: true });
        scene.reconcile();
        scene.edit({ suspend: false });
      }),
    says: 'progressing RunCreated',
    phase: 'Queued',
    actions: createsRun,
  },
  {
    title: 'a job that somebody removed is made again',
    scene: () => after(running(), ({ world, pods }) => world.delete(pods.job())),
    says: 'progressing RunCreated',
    phase: 'Queued',
    actions: createsRun,
  },
];

const ended: PlanRow<FineTuneJob>[] = [
  {
    title: 'a job that succeeded publishes its adapter',
    scene: () => after(running(), ({ pods }) => pods.succeeded(trainResult('adapter'))),
    says: 'ready Trained',
    message: /^adapter sha256:[0-9a-f]{12} is ready$/,
    phase: 'Ready',
    conditions: ['Complete=True'],
  },
  {
    title: 'a run that overfitted is done, and says from where on and what to change',
    scene: () =>
      after(running(), ({ pods }) => {
        const result = trainResult('adapter');
        const advice = ['train for fewer epochs', 'lower spec.lora.rank'];
        const overfitting = { verdict: 'confirmed', step: 40, rise: 0.26, advice } as const;
        pods.succeeded({ ...result, summary: { ...result.summary, overfitting: { ...overfitting, advice } } });
      }),
    says: 'ready Trained',
    phase: 'Ready',
    conditions: ['Complete=True', 'Overfitting=True'],
  },
  {
    title: '[C90] warnings of the trainer are conditions where they have one',
    scene: () =>
      after(running(), ({ pods }) => {
        const result = trainResult('adapter');
        const warnings = [
          { reason: 'TooFewSteps', message: '9 steps: make more rows' },
          { reason: 'SomethingElse', message: 'told in the status alone' },
        ];
        pods.succeeded({ ...result, summary: { ...result.summary, warnings } });
      }),
    says: 'ready Trained',
    phase: 'Ready',
    conditions: ['Complete=True', 'TooFewSteps=True'],
  },
  {
    title: 'a published adapter needs nothing more',
    scene: done,
    says: 'ready Trained',
    phase: 'Ready',
    conditions: ['Complete=True'],
  },
  {
    title: 'a published adapter needs its job no more',
    scene: () => after(done(), ({ world, pods }) => world.delete(pods.job())),
    says: 'ready Trained',
    phase: 'Ready',
    conditions: ['Complete=True'],
  },
  {
    title: 'new rows train again, and the adapter says that it is of older ones',
    scene: () => after(done(), newRows),
    says: 'progressing RunCreated',
    phase: 'Queued',
    conditions: ['ArtifactOutdated=True'],
    actions: [...removesRun, ...createsRun],
  },
  {
    title: 'a changed parameter trains again',
    scene: () => after(done(), (scene) => scene.edit(otherRank)),
    says: 'progressing RunCreated',
    phase: 'Queued',
    conditions: ['ArtifactOutdated=True'],
    actions: [...removesRun, ...createsRun],
  },
  {
    title: 'what does not change the adapter trains nothing',
    scene: () => after(done(), (scene) => scene.edit({ resources: { gpus: 4 }, historyLimit: 1, backoffLimit: 0 })),
    says: 'ready Trained',
    phase: 'Ready',
    conditions: ['Complete=True'],
  },
  {
    title: 'with retrain policy "Never" the first adapter stays',
    scene: () => after(done({ retrain: { policy: 'Never' } }), newRows),
    says: 'ready Trained',
    message: /; spec\.retrain keeps it though its inputs changed$/,
    phase: 'Ready',
    conditions: ['Complete=True', 'ArtifactOutdated=True'],
  },
  {
    title: 'with a schedule, new rows wait for its next time',
    scene: () => after(done(nightly), newRows),
    says: 'ready Trained',
    message: /; spec\.retrain keeps it until \d{4}-\d\d-\d\dT03:00:00\.000Z though its inputs changed$/,
    phase: 'Ready',
    conditions: ['Complete=True', 'ArtifactOutdated=True'],
  },
  {
    title: 'at the time of the schedule they are trained',
    scene: () =>
      after(done(nightly), (scene) => {
        newRows(scene);
        scene.reconcile();
        scene.world.wait(24 * 3600);
      }),
    says: 'progressing RunCreated',
    phase: 'Queued',
    conditions: ['ArtifactOutdated=True'],
    actions: [...removesRun, ...createsRun],
  },
  {
    title: 'at the time of the schedule unchanged inputs train nothing',
    scene: () => after(done(nightly), (scene) => scene.world.wait(24 * 3600)),
    says: 'ready Trained',
    phase: 'Ready',
    conditions: ['Complete=True'],
  },
  {
    title: 'a request goes before the schedule',
    scene: () =>
      after(done(nightly), (scene) => {
        newRows(scene);
        scene.request('now');
      }),
    says: 'progressing RunCreated',
    phase: 'Queued',
    conditions: ['ArtifactOutdated=True'],
    actions: [...removesRun, ...createsRun],
  },
  {
    title: 'new rows wait until the adapter is as old as asked for',
    scene: () => after(done({ retrain: { policy: 'OnChange', timeZone: 'Etc/UTC', minInterval: '6h' } }), newRows),
    says: 'ready Trained',
    message: /; spec\.retrain keeps it until .* though its inputs changed$/,
    phase: 'Ready',
    conditions: ['Complete=True', 'ArtifactOutdated=True'],
  },
  {
    title: 'a schedule that is none is named',
    scene: () => withDataset({ retrain: { ...nightly.retrain, schedule: 'every night' } }),
    says: 'stalled InvalidSchedule',
    message: /^spec\.retrain\.schedule "every night" .* such as "0 3 1/,
    phase: 'Failed',
  },
  {
    title: 'a request goes before the policy "Never"',
    scene: () =>
      after(done({ retrain: { policy: 'Never' } }), (scene) => {
        newRows(scene);
        scene.request('now');
        scene.reconcile();
        scene.pods.running();
      }),
    says: 'progressing Training',
    phase: 'Running',
    conditions: ['ArtifactOutdated=True', 'Running=True'],
  },
  {
    title: 'a request trains again with the same inputs',
    scene: () => after(done(), (scene) => scene.request('now')),
    says: 'progressing RunCreated',
    phase: 'Queued',
    actions: [...removesRun, ...createsRun],
  },
  {
    title: 'a job that has ended before anything is heard of its pod is waited for',
    scene: () =>
      after(running(), (scene) => {
        endedWithoutPods(scene, 'Complete');
      }),
    says: 'progressing ResultAwaited',
    phase: 'Pending',
    actions: [],
  },
  {
    title: 'a job that has failed before anything is heard of its pod is waited for',
    scene: () =>
      after(running(), (scene) => {
        endedWithoutPods(scene, 'Failed');
      }),
    says: 'progressing ResultAwaited',
    phase: 'Pending',
    actions: [],
  },
  {
    title: 'a result that vanished with its pod is asked for again',
    scene: () =>
      after(running(), (scene) => {
        endedWithoutPods(scene, 'Complete');
        scene.world.wait(31);
      }),
    says: 'progressing Replacing',
    phase: 'Pending',
    actions: removesRun,
  },
];

const broken: PlanRow<FineTuneJob>[] = [
  {
    title: 'a failure whose pod is gone is told in the words of the Job',
    scene: () =>
      after(running(), (scene) => {
        endedWithoutPods(scene, 'Failed');
        scene.world.wait(31);
      }),
    says: 'stalled BackoffLimitExceeded',
    message: /failed: the job failed and none of its pods is left to say why/,
    phase: 'Failed',
    conditions: ['Failed=True'],
  },
  {
    title: 'LoRA targets that do not exist are told in the words of the trainer',
    scene: () =>
      after(running(), ({ pods }) => {
        pods.failed(10, 'UnknownTargetModules', 'lora.targetModules "w" does not exist: the model has q_proj');
      }),
    says: 'stalled UnknownTargetModules',
    message: /failed: lora\.targetModules "w" does not exist: the model has q_proj; then change the spec, or set/,
    phase: 'Failed',
    conditions: ['Failed=True'],
  },
  {
    title: 'a recorded failure stands',
    scene: () => failed(12, 'UnknownBaseModel'),
    says: 'stalled UnknownBaseModel',
    phase: 'Failed',
    conditions: ['Failed=True'],
  },
  {
    title: 'a recorded failure stands when its job is cleaned up',
    scene: () => after(failed(12, 'UnknownBaseModel'), ({ world, pods }) => world.delete(pods.job())),
    says: 'stalled UnknownBaseModel',
    phase: 'Failed',
    conditions: ['Failed=True'],
  },
  {
    title: 'too little GPU memory has a condition of its own',
    scene: () => failed(20, 'GpuOutOfMemory'),
    says: 'stalled GpuOutOfMemory',
    phase: 'Failed',
    conditions: ['Failed=True', 'OutOfMemory=True'],
  },
  {
    title: 'a container killed for its memory names the field, though it said nothing',
    scene: () => after(running(), ({ pods }) => pods.killed(137, 'OOMKilled')),
    says: 'stalled OutOfMemory',
    message: /needed more memory than its limit: raise spec\.resources\.memory/,
    phase: 'Failed',
    conditions: ['Failed=True', 'OutOfMemory=True'],
  },
  {
    title: 'a loss that is not finite has a condition of its own',
    scene: () => failed(30, 'Diverged'),
    says: 'stalled Diverged',
    phase: 'Failed',
    conditions: ['Failed=True', 'Diverged=True'],
  },
  {
    title: 'a run beyond its deadline names the field',
    scene: () => after(running(), ({ pods }) => pods.expired()),
    says: 'stalled DeadlineExceeded',
    message: /raise spec\.activeDeadlineSeconds/,
    phase: 'Failed',
    conditions: ['Failed=True'],
  },
  {
    title: 'a job whose pods ran in another cluster has no result to read',
    scene: () =>
      after(started({ managedBy: 'kueue.x-k8s.io/multikueue' }), (scene) => {
        scene.pods.succeeded(trainResult('adapter'));
        for (const pod of scene.world.ownedBy(podKind, scene.pods.job())) scene.world.delete(pod);
      }),
    says: 'stalled ResultElsewhere',
    message: /run by "kueue\.x-k8s\.io\/multikueue" .* leave spec\.managedBy out/,
    phase: 'Failed',
    conditions: ['Failed=True'],
  },
  {
    title: 'a container that ends without a word gives its exit code',
    scene: () => after(running(), ({ pods }) => pods.killed(2, 'Error')),
    says: 'stalled WorkerFailed',
    message: /exit code 2/,
    phase: 'Failed',
    conditions: ['Failed=True'],
  },
  {
    title: 'a corrected field that is no input of the run recovers: more memory makes room for the same run',
    scene: () => after(failed(21, 'OutOfMemory'), (scene) => scene.edit({ resources: { gpus: 0, memory: '16Gi' } })),
    says: 'progressing Replacing',
    phase: 'Pending',
    actions: removesRun,
  },
  {
    title: 'a corrected parameter recovers with another run',
    scene: () => after(failed(10, 'UnknownTargetModules'), (scene) => scene.edit(otherRank)),
    says: 'progressing RunCreated',
    phase: 'Queued',
    actions: [...removesRun, ...createsRun],
  },
  {
    title: 'a request after a failure clears the way for the same run',
    scene: () => after(failed(14, 'AuthenticationFailed'), (scene) => scene.request('now')),
    says: 'progressing Replacing',
    phase: 'Pending',
    actions: removesRun,
  },
  {
    title: 'the adapter before a failure stays',
    scene: () =>
      after(done(), (scene) => {
        newRows(scene);
        scene.reconcile();
        scene.pods.running();
        scene.pods.failed(30, 'Diverged', 'loss is not finite');
        scene.reconcile();
      }),
    says: 'stalled Diverged',
    phase: 'Failed',
    conditions: ['ArtifactOutdated=True', 'Failed=True', 'Diverged=True'],
  },
];

const rows = [...waiting, ...goingOn, ...atWork, ...ended, ...broken];

describe('a FineTuneJob', () => {
  it.each(rows.map((row) => [row.title, row] as const))('%s', (_, row) => {
    const { message, ...decided } = decision(row.scene());
    const { says, phase, conditions = [], actions = [] } = row;
    expect(decided).toEqual({ says, phase, conditions, actions });
    if (row.message !== undefined) expect(message).toMatch(row.message);
  });

  it.each(rows.map((row) => [row.title, row] as const))('comes to rest, and does nothing twice: %s', (_, row) => {
    const lines = settle(row.scene());
    expect(new Set(lines).size).toBe(lines.length);
    const firstApply = lines.findIndex((line) => line.startsWith('apply Job'));
    expect(lines.slice(firstApply < 0 ? lines.length : firstApply).filter((line) => line.startsWith('remove'))).toEqual(
      [],
    );
  });

  it('the same inputs give the same run, and other inputs another', () => {
    const nameOf = (scene: Scene<FineTuneJob>) => scene.pods.job().metadata.name;
    expect(nameOf(started())).toBe(nameOf(started()));
    expect(nameOf(started(otherRank))).not.toBe(nameOf(started()));
    expect(nameOf(started({ resources: { gpus: 2 } }))).toBe(nameOf(started()));
    expect(nameOf(started({ training: { loggingSteps: 50 } }))).toBe(nameOf(started()));
  });

  it('a run that goes on after a suspension has its name and its folder in the store', () => {
    const scene = running();
    const before = scene.object.status?.run;
    scene.edit({ suspend: true });
    settle(scene);
    scene.edit({ suspend: false });
    settle(scene);
    expect(scene.object.status?.run).toMatchObject({ name: before?.name, id: before?.id });
  });

  it('the run of an object that is named alike in another kind or twice has another folder', () => {
    const scene = running();
    const other = new Scene<FineTuneJob>(fineTuneJobReconciler(settings), aFineTuneJob({}, 'other'));
    other.world.put(generated(aDataset(), 'rows'));
    other.reconcile();
    expect(other.object.status?.run?.id).not.toBe(scene.object.status?.run?.id);
  });

  it('[C48] the adapter that a run begins with is in its input and its lineage, and a newer one is another run', () => {
    const scene = ontoAdapter();
    scene.reconcile();
    const { uri, digest } = lastMonth().status!.artifact!;
    expect(scene.object.status?.run?.lineage?.initAdapter).toEqual({ name: 'last-month', uri, digest });
    const lineage = scene.object.status!.run!.lineage!;
    const desired = desiredRun(scene.object, 'train', lineage.inputsHash);
    expect(trainInput(scene.object, desired, lineage).initAdapter).toEqual({ uri, digest });
    const { inputsHash } = scene.object.status!.run!;
    scene.world.put(lastMonth('newer'));
    settle(scene);
    expect(scene.object.status?.run?.inputsHash).not.toBe(inputsHash);
  });

  it.each(['a run that succeeded', 'a run that failed'])(
    '%s is cleaned up when its time is over, and stays over',
    (which) => {
      const spec = { ttlSecondsAfterFinished: 600 };
      const scene = which === 'a run that failed' ? failed(12, 'UnknownBaseModel', spec) : done(spec);
      scene.world.wait(599);
      expect(scene.reconcile()).toMatchObject({ actions: [], requeueAfterSeconds: 1 });
      scene.world.wait(1);
      const before = decision(scene).says;
      expect(settle(scene).map((line) => line.split(' ', 2).join(' '))).toEqual(['remove ConfigMap', 'remove Job']);
      expect(decision(scene)).toMatchObject({ says: before, actions: [] });
    },
  );

  it('a job of the published adapter that was left behind disturbs nothing', () => {
    const scene = done();
    const leftBehind = scene.pods.job();
    newRows(scene);
    settle(scene);
    scene.world.put(leftBehind);
    expect(decision(scene)).toMatchObject({ says: 'progressing PodCreating', actions: [] });
  });

  it('[T3] what was written for a method that was not chosen is told', () => {
    const { object } = done({ method: 'Auto', freeze: { layers: 2 } });
    expect(object.status?.method?.reason).toMatch(
      /an adapter learns them; it does not read spec\.freeze: leave it out$/,
    );
    expect(done({ method: 'Auto' }).object.status?.method?.reason).not.toContain('read');
  });

  it('a job that has ended is looked at again while its pod has not been heard of', () => {
    const scene = running();
    endedWithoutPods(scene, 'Complete');
    expect(scene.reconcile()).toMatchObject({ actions: [], requeueAfterSeconds: 30 });
  });

  it('a lost write of the status makes no second job', () => {
    const scene = withDataset();
    const { object } = scene;
    scene.reconcile();
    scene.world.put(object);
    settle(scene);
    expect(scene.pods.job().metadata.name).toBe(scene.object.status?.run?.name);
  });

  it('the status has the figures of the result, and where the adapter comes from', () => {
    const { status } = done().object;
    expect(status).toMatchObject({
      run: { state: 'Succeeded' },
      artifactRun: status?.run?.name,
      lineage: { dataset: { name: 'quickstart' }, baseModel: { builtIn: 'tiny' } },
      training: { step: 60, totalSteps: 60, loss: '1.25', evalRecallLoss: '1.4', tokensPerSecond: '812.346' },
      memory: { device: 'host', summary: '3.0Gi host' },
      progress: { percent: 100 },
      method: { chosen: 'LoRA', reason: expect.stringContaining('48 training rows') as string, learningRate: '0.0002' },
      trainableParameters: { count: 4884480, percent: '3.5' },
      startup: { python: '0.61', imports: '5.5', firstStep: '0.4' },
    });
  });

  it('earlier adapters are kept in the history, as many as the limit allows', () => {
    const scene = done({ historyLimit: 2 });
    for (const content of ['second', 'third', 'fourth']) {
      scene.world.put(generated(aDataset(), content));
      settle(scene);
      scene.pods.running();
      scene.pods.succeeded(trainResult(content));
      settle(scene);
    }
    expect(scene.object.status?.history?.map(({ artifact }) => artifact.digest)).toEqual(
      [trainResult('third'), trainResult('second')].map(({ artifact }) => artifact.digest),
    );
    scene.edit({ historyLimit: 0 });
    settle(scene);
    expect(scene.object.status?.history).toEqual([]);
  });

  it('the same adapter made again keeps its time, so that nobody evaluates it twice', () => {
    const scene = done();
    const before = scene.object.status?.artifact;
    scene.world.wait(3600);
    scene.request('now');
    settle(scene);
    scene.pods.running();
    scene.pods.succeeded(trainResult('adapter'));
    settle(scene);
    expect(scene.object.status?.artifact).toEqual(before);
    expect(scene.object.status?.history).toEqual([]);
  });

  it('the figures of an earlier run are cleared when another one starts', () => {
    const scene = done();
    newRows(scene);
    settle(scene);
    expect(scene.object.status?.training).toBeUndefined();
    expect(scene.object.status?.artifact).toBeDefined();
  });

  it('a corrected memory limit starts the same run again, which goes on from its checkpoint', () => {
    const scene = failed(21, 'OutOfMemory');
    const before = scene.object.status?.run;
    scene.edit({ resources: { gpus: 0, memory: '16Gi' } });
    settle(scene);
    expect(scene.object.status?.run).toMatchObject({
      name: before?.name,
      id: before?.id,
      state: 'Running',
      generation: 2,
    });
    expect(scene.object.status?.run?.message).toBeUndefined();
    const limits = scene.pods.job().spec?.template.spec?.containers[0]?.resources?.limits;
    expect(limits).toEqual({ memory: '16Gi' });
  });

  it('its job gets the labels of its queue, and no others', () => {
    const { labels } = queued().pods.job().metadata;
    expect(labels).toMatchObject({ 'kueue.x-k8s.io/queue-name': 'team-a', 'kueue.x-k8s.io/priority-class': 'low' });
    expect(labels).not.toHaveProperty('team');
    expect(started().pods.job().metadata.labels).not.toHaveProperty('kueue.x-k8s.io/queue-name');
  });

  it('[T22] a pod gets three times as long to end as the last save took, two minutes at least and an hour at most', () => {
    const graceAfter = (seconds: number): number | undefined => {
      const scene = running();
      reported(scene, { checkpoint_step: 40, checkpoint_seconds: seconds });
      scene.edit({ suspend: true });
      settle(scene);
      scene.edit({ suspend: false });
      settle(scene);
      return scene.pods.job().spec?.template.spec?.terminationGracePeriodSeconds;
    };
    expect([2, 100.5, 86_400].map(graceAfter)).toEqual([120, 302, 3600]);
  });

  it('[T22] what a save took counts for later runs, also after one that never came to save', () => {
    const scene = running();
    reported(scene, { checkpoint_step: 40, checkpoint_seconds: 100.5 });
    const graceOfNext = (learningRate: string): number | undefined => {
      scene.edit({ training: { learningRate } });
      settle(scene);
      expect(scene.object.status?.checkpoint).toBeUndefined();
      return scene.pods.job().spec?.template.spec?.terminationGracePeriodSeconds;
    };
    expect(['1e-5', '2e-5'].map(graceOfNext)).toEqual([302, 302]);
    expect(scene.object.status?.graceSeconds).toBe(302);
  });

  it('each checkpoint is written to the job once, with the time when it was reported first', () => {
    const scene = running();
    reported(scene, { checkpoint_step: 40 }, '2026-11-22T12:00:00Z');
    expect(settle(scene)).toHaveLength(1);
    reported(scene, { checkpoint_step: 40, step: 43 }, '2026-11-22T12:01:00Z');
    expect(settle(scene)).toEqual([]);
    expect(scene.pods.job().metadata.annotations).toMatchObject({
      'doctune.dev/checkpoint-step': '40',
      'doctune.dev/checkpoint-time': '2026-11-22T12:00:00.000Z',
    });
    reported(scene, { checkpoint_step: 50 }, '2026-11-22T12:02:00Z');
    expect(settle(scene)).toHaveLength(1);
    expect(scene.pods.job().metadata.annotations).toMatchObject({ 'doctune.dev/checkpoint-step': '50' });
    expect(scene.pods.job().metadata.annotations).toHaveProperty('doctune.dev/run-id');
  });

  it('a checkpoint of an earlier run is none of the present one', () => {
    const scene = running();
    reported(scene, { checkpoint_step: 40 });
    const { object } = scene;
    scene.world.put({
      ...object,
      status: { ...object.status, trainerStatus: { lastUpdatedTime: '', run: 'earlier' } },
    });
    expect(decision(scene)).toMatchObject({ actions: [], conditions: ['Running=True'] });
  });

  it('[T1] the status has every parameter of the run, and how many rows make a step', () => {
    const spec = { preset: 'guide', training: { gradientAccumulationSteps: 2 } };
    const { status } = started(spec).object;
    expect(status?.effectiveBatchSize).toBe(8);
    expect(started({ ...spec, resources: { gpus: 2, nodes: 2 } }).object.status?.effectiveBatchSize).toBe(32);
    expect(status?.resolved).toMatchObject({
      'lora.rank': '8',
      'lora.targetModules': '["q_proj","v_proj"]',
      'training.learningRate': '0.00002',
      'training.gradientAccumulationSteps': '2',
      'training.scheduler': 'cosine',
      earlyStopping: 'null',
    });
    expect(Object.keys(status?.resolved ?? {}).length).toBeGreaterThan(20);
  });

  it('[C59] warnings stay after the publication, and go with the next adapter', () => {
    const scene = running();
    const result = trainResult('adapter');
    const warnings = [{ reason: 'LossOscillation', message: 'lower training.learningRate' }];
    scene.pods.succeeded({ ...result, summary: { ...result.summary, warnings } });
    settle(scene);
    expect(scene.object.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'LossOscillation', status: 'True', message: 'lower training.learningRate' }),
    );
    newRows(scene);
    settle(scene);
    scene.pods.running();
    scene.pods.succeeded(trainResult('newer'));
    settle(scene);
    expect(scene.object.status?.warnings).toEqual([]);
    expect(scene.object.status?.conditions?.map(({ type }) => type)).not.toContain('LossOscillation');
  });

  it('another image is another run, and other variables are not', () => {
    const nameOf = (spec: Spec) => started(spec).pods.job().metadata.name;
    expect(nameOf({ runtime: { image: 'mine/trainer:1' } })).not.toBe(nameOf({}));
    expect(nameOf({ runtime: { env: [{ name: 'HF_ENDPOINT', value: 'https://hub.example.org' }] } })).toBe(nameOf({}));
  });

  it('tells what to do about overfitting, also after the publication', () => {
    const scene = running();
    const result = trainResult('adapter');
    const overfitting = { verdict: 'confirmed' as const, step: 40, rise: 0.26, advice: ['lower spec.lora.rank'] };
    scene.pods.succeeded({ ...result, summary: { ...result.summary, overfitting } });
    scene.reconcile();
    scene.reconcile();
    const condition = scene.object.status?.conditions?.find(({ type }) => type === 'Overfitting');
    expect(condition?.message).toBe('the loss on unseen documents rose by 26 % after step 40: lower spec.lora.rank');
    expect(scene.object.status?.overfitting).toEqual({ ...overfitting, rise: '0.26' });
  });
});
