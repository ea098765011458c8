import { fetchSummarySchema, generateSummarySchema } from '../../src/contract/result.ts';
import type { Success, WorkerName } from '../../src/contract/result.ts';
import { jobs, pods } from '../../src/controller/kinds.ts';
import type { Job, Pod } from '../../src/controller/kinds.ts';
import { aDigest } from './objects.ts';
import type { World } from './world.ts';

type PodStatus = NonNullable<Pod['status']>;

const seconds = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;

/** What a pod of several does, or how it ended. */
export type GangState = 'Pending' | 'Running' | { exitCode: number; result: object };

const endedWith = ({ exitCode, result }: { exitCode: number; result: object }): PodStatus => ({
  phase: exitCode === 0 ? 'Succeeded' : 'Failed',
  containerStatuses: [
    {
      name: 'worker',
      image: '',
      imageID: '',
      ready: false,
      restartCount: 0,
      state: { terminated: { exitCode, reason: 'Error', message: JSON.stringify(result) } },
    },
  ],
});

/** What a Job controller, a scheduler and a kubelet would do, one step at a time. */
export class Pods {
  readonly #world: World;
  #count = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** The only Job that is there; a test that has more names one. */
  job(name?: string): Job {
    const found = this.#world.all(jobs).filter(({ metadata }) => name === undefined || metadata.name === name);
    if (found.length !== 1 || found[0] === undefined) throw new Error(`there are ${found.length} jobs, not one`);
    return found[0];
  }

  #pod(job: Job, status: PodStatus): Pod {
    const { name, uid = '', namespace = '' } = job.metadata;
    const ownerReferences = [{ apiVersion: 'batch/v1', kind: 'Job', name, uid, controller: true }];
    const metadata = { name: `${name}-${++this.#count}`, namespace, ownerReferences };
    return this.#world.put<Pod>({ apiVersion: 'v1', kind: 'Pod', metadata, status });
  }

  #finish(job: Job, type: 'Complete' | 'Failed', reason: string): void {
    const time = seconds(this.#world.now());
    const condition = { type, status: 'True' as const, reason, lastTransitionTime: time };
    const completionTime = type === 'Complete' ? { completionTime: time } : {};
    this.#world.put<Job>({ ...job, status: { ...job.status, ...completionTime, conditions: [condition] } });
  }

  /** What Kueue does with a Job that has a queue. */
  suspended(job = this.job()): void {
    this.#world.put<Job>({ ...job, spec: { ...job.spec!, suspend: true } });
  }

  /** The pods of an Indexed Job, in the order of their indexes. */
  gang(...states: readonly GangState[]): void {
    const job = this.job();
    for (const pod of this.#world.ownedBy(pods, job)) this.#world.delete(pod);
    states.forEach((state, index) => {
      const pod = this.#pod(job, typeof state === 'string' ? { phase: state } : endedWith(state));
      const annotations = { 'batch.kubernetes.io/job-completion-index': String(index) };
      this.#world.put<Pod>({ ...pod, metadata: { ...pod.metadata, annotations } });
    });
  }

  /** The Job as its controller leaves it, whatever its pods say. */
  finished(type: 'Complete' | 'Failed', reason: string, job = this.job()): void {
    this.#finish(job, type, reason);
  }

  pending(status: Partial<PodStatus> = {}, job = this.job()): Pod {
    return this.#pod(job, { phase: 'Pending', ...status });
  }

  unschedulable(message: string): Pod {
    const condition = { type: 'PodScheduled', status: 'False' as const, reason: 'Unschedulable', message };
    return this.pending({ conditions: [condition] });
  }

  /** scheduled at this moment, and the container has not started */
  waiting(reason: string, message = ''): Pod {
    const lastTransitionTime = seconds(this.#world.now());
    return this.pending({
      conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime }],
      containerStatuses: [
        {
          name: 'worker',
          image: '',
          imageID: '',
          ready: false,
          restartCount: 0,
          state: { waiting: { reason, message } },
        },
      ],
    });
  }

  running(job = this.job()): Pod {
    this.#world.put<Job>({ ...job, status: { active: 1, startTime: seconds(this.#world.now()) } });
    const state = { running: { startedAt: seconds(this.#world.now()) } };
    return this.#pod(job, {
      phase: 'Running',
      containerStatuses: [{ name: 'worker', image: '', imageID: '', ready: true, restartCount: 0, state }],
    });
  }

  /** A pod whose container ended, while its Job goes on. */
  ended(exitCode: number, message = '', reason = exitCode === 0 ? 'Completed' : 'Error', job = this.job()): Pod {
    for (const pod of this.#world.ownedBy(pods, job)) if (pod.status?.phase !== 'Failed') this.#world.delete(pod);
    const terminated = { exitCode, reason, message };
    return this.#pod(job, {
      phase: exitCode === 0 ? 'Succeeded' : 'Failed',
      containerStatuses: [
        { name: 'worker', image: '', imageID: '', ready: false, restartCount: 0, state: { terminated } },
      ],
    });
  }

  succeeded<W extends WorkerName>(result: Success<W>, job = this.job()): void {
    this.ended(0, JSON.stringify(result), 'Completed', job);
    this.#finish(job, 'Complete', 'CompletionsReached');
  }

  /** The worker ended with a result that says why. */
  failed(exitCode: number, reason: string, message: string, job = this.job(), left: object = {}): void {
    this.ended(exitCode, JSON.stringify({ version: 1, reason, message, exitCode, ...left }), 'Error', job);
    this.#finish(job, 'Failed', 'PodFailurePolicy');
  }

  /** The container ended without a word. */
  killed(exitCode: number, reason: string, job = this.job()): void {
    this.ended(exitCode, '', reason, job);
    this.#finish(job, 'Failed', 'BackoffLimitExceeded');
  }

  expired(job = this.job()): void {
    this.#finish(job, 'Failed', 'DeadlineExceeded');
  }
}

const published = (kind: string, content: string) => {
  const digest = aDigest(content);
  return { uri: `pvc://doctune-artifacts/artifacts/${kind}/${digest.slice(7)}`, digest, size: 1024 };
};
const ok = { version: 1, exitCode: 0 } as const;

export const fetchResult = (content: string): Success<'fetch-documents'> => ({
  ...ok,
  reason: 'Fetched',
  message: 'fetched 47 documents',
  artifact: published('documents', content),
  summary: fetchSummarySchema.parse({
    revision: 'main@sha1:1234',
    documents: { total: 47, skipped: 1, byFormat: { markdown: 47 } },
  }),
});

export const generateResult = (content: string): Success<'generate-dataset'> => ({
  ...ok,
  reason: 'Generated',
  message: 'made 100 rows',
  artifact: published('datasets', content),
  summary: generateSummarySchema.parse({
    rows: { train: 70, validation: 10, test: 10, recall: 10, rejected: 5, byReason: { NO_EVIDENCE: 5 } },
    usage: { requests: 3, inputTokens: 900, cachedInputTokens: 100, outputTokens: 100 },
    coverage: 0.75,
    chunks: { total: 40, done: 40 },
  }),
});

export const trainResult = (content: string): Success<'train'> => ({
  ...ok,
  reason: 'Trained',
  message: 'trained 60 steps',
  artifact: published('adapters', content),
  summary: {
    step: 60,
    totalSteps: 60,
    epoch: 3,
    loss: 1.25,
    evalLoss: 1.5,
    evalRecallLoss: 1.4,
    evalUnseenLoss: 1.7,
    evalTokenAccuracy: 0.5,
    perplexity: 4.48,
    tokensPerSecond: 812.3456,
    trainableParameters: { count: 4884480, percent: 3.5 },
    method: { chosen: 'LoRA', reason: '48 training rows are fewer than 100000: an adapter learns them' },
    learningRate: 0.0002,
    startup: { python: 0.61, imports: 5.5, firstStep: 0.4 },
    memory: { device: 'host', peakBytes: 3 * 2 ** 30, capacityBytes: null },
    baseModelRevision: 'tiny@sha256:0',
    overfitting: { verdict: 'none', step: null, rise: null, advice: [] },
    exports: [],
    checkpoint: { uri: 'pvc://doctune-artifacts/runs/x/checkpoints/60', step: 60 },
    published: null,
    ladder: [],
    warnings: [],
  },
});

/** of an evaluation that was asked for figures alone; a promoted adapter is no better */
export const figuresAlone = {
  incumbent: { compared: 2, worse: [], more: 0, problem: null },
  candidates: [],
  notes: [],
  leftOut: [],
  judge: null,
  serving: [],
  people: null,
  benchmarks: [],
};

export const evaluateResult = (content: string, delta = 20, degenerate = 0): Success<'evaluate'> => ({
  ...ok,
  reason: 'Evaluated',
  message: 'evaluated 128 answers',
  artifact: published('reports', content),
  summary: {
    settings: ['default'],
    results: [
      ['bleu', 'recall', 0, 5, 5 + delta, delta, delta - 2, delta + 2, 64, 0.002, 'Better'],
      ['perplexity', 'test', 0, 20, 21, 0.05, -0.01, 0.11, 64, 0.4, 'Inconclusive'],
    ],
    report: null,
    degenerate: { base: 0.05, tuned: degenerate },
    contaminated: {},
    ...figuresAlone,
  },
});
