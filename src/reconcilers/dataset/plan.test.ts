import { describe, expect, it } from 'vitest';
import { aDataset, aDocSource, fetched, settings } from '../../../tests/builders/objects.ts';
import { Scene, after, decision, settle } from '../../../tests/builders/plans.ts';
import type { PlanRow } from '../../../tests/builders/plans.ts';
import { generateResult } from '../../../tests/builders/pods.ts';
import type { Dataset } from '../../api/v1alpha1/index.ts';
import { datasetReconciler } from './index.ts';

type Spec = Record<string, unknown>;

const withoutSource = (spec: Spec = {}): Scene<Dataset> =>
  new Scene<Dataset>(datasetReconciler(settings), aDataset(spec));

function withSource(spec: Spec = {}): Scene<Dataset> {
  const scene = withoutSource(spec);
  scene.world.put(fetched(aDocSource(), 'documents'));
  return scene;
}

function running(spec: Spec = {}): Scene<Dataset> {
  const scene = withSource(spec);
  scene.reconcile();
  scene.pods.running();
  scene.reconcile();
  return scene;
}

function done(spec: Spec = {}): Scene<Dataset> {
  const scene = running(spec);
  scene.pods.succeeded(generateResult('rows'));
  scene.reconcile();
  return scene;
}

function failed(exitCode: number, reason: string, spec: Spec = {}): Scene<Dataset> {
  const scene = running(spec);
  scene.pods.failed(exitCode, reason, 'the reason as the worker tells it');
  scene.reconcile();
  return scene;
}

const newDocuments = (scene: Scene<Dataset>) => scene.world.put(fetched(aDocSource(), 'newer documents'));

const endpoint = {
  generator: { openai: { baseURL: 'https://api.example.org/v1', model: 'm', apiKeySecretRef: { name: 'key' } } },
};
/** defaults as the API server fills them in */
const openai = (changed: Spec): Spec => ({
  generator: aDataset({ generator: { openai: { ...endpoint.generator.openai, ...changed } } }).spec.generator,
});

const previewOf = (rows: number): ReturnType<typeof generateResult> => {
  const result = generateResult('sample');
  const estimate = { requests: 300, tokens: 900_000, cost: 1.25 };
  return { ...result, summary: { ...result.summary, rows: { ...result.summary.rows, train: rows }, estimate } };
};

function previewed(): Scene<Dataset> {
  const scene = running({ ...endpoint, preview: { chunks: 5, approve: false } });
  scene.pods.succeeded(previewOf(7));
  scene.reconcile();
  return scene;
}

const growing = { growth: { maxFraction: '0.05', interval: '720h' } };

const createsRun = [
  'apply NetworkPolicy quickstart.dataset',
  'apply ConfigMap quickstart-generate-#',
  'apply Job quickstart-generate-#',
];
const removesRun = ['remove ConfigMap quickstart-generate-#', 'remove Job quickstart-generate-#'];

const rows: PlanRow<Dataset>[] = [
  {
    title: 'without its sources it waits, and names all that are missing',
    scene: () => withoutSource({ sourceRefs: [{ name: 'guides' }, { name: 'api' }] }),
    says: 'progressing SourceNotFound',
    message: /^docsource "guides", "api" does not exist: create it, or correct spec\.sourceRefs$/,
    phase: 'Pending',
  },
  {
    title: 'a source without documents is waited for',
    scene: () => after(withoutSource(), ({ world }) => world.put(aDocSource())),
    says: 'progressing SourceNotReady',
    message: /^docsource "quickstart" has no artifact yet$/,
    phase: 'Pending',
  },
  {
    title: 'of two sources the one without documents is named',
    scene: () =>
      after(withSource({ sourceRefs: [{ name: 'quickstart' }, { name: 'api' }] }), ({ world }) =>
        world.put(aDocSource({}, 'api')),
      ),
    says: 'progressing SourceNotReady',
    message: /^docsource "api" has no artifact yet$/,
    phase: 'Pending',
  },
  {
    title: 'with documents it makes the store, the input and the job',
    scene: withSource,
    says: 'progressing RunCreated',
    phase: 'Queued',
    actions: ['apply PersistentVolumeClaim doctune-artifacts', ...createsRun],
  },
  {
    title: 'a missing key is named with its field once the pod has waited',
    scene: () =>
      after(withSource(endpoint), (scene) => {
        scene.reconcile();
        scene.pods.waiting('ContainerCreating');
        scene.world.wait(31);
      }),
    says: 'progressing VolumesNotReady',
    message: /secret "key" with the key "api-key" \(spec\.generator\.openai\.apiKeySecretRef\) exists/,
    phase: 'Pending',
  },
  { title: 'a running pod is making rows', scene: running, says: 'progressing Generating', phase: 'Running' },
  {
    title: 'new documents replace a run under way',
    scene: () => after(running(), newDocuments),
    says: 'progressing Replacing',
    phase: 'Pending',
    actions: removesRun,
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
    title: 'a job that succeeded publishes its rows',
    scene: () => after(running(), ({ pods }) => pods.succeeded(generateResult('rows'))),
    says: 'ready Generated',
    message: /^100 rows are ready as sha256:[0-9a-f]{12}$/,
    phase: 'Ready',
    conditions: ['Generated=True'],
  },
  {
    title: 'published rows need nothing more',
    scene: done,
    says: 'ready Generated',
    phase: 'Ready',
    conditions: ['Generated=True'],
  },
  {
    title: 'new documents make new rows, and the present ones say that they are of older documents',
    scene: () => after(done(), newDocuments),
    says: 'progressing RunCreated',
    phase: 'Queued',
    conditions: ['SourceOutdated=True'],
    actions: [...removesRun, ...createsRun],
  },
  {
    title: 'documents fetched again with the same content make nothing',
    scene: () => after(done(), ({ world }) => world.put(fetched(aDocSource(), 'documents'))),
    says: 'ready Generated',
    phase: 'Ready',
    conditions: ['Generated=True'],
  },
  {
    title: 'how the endpoint is reached makes no new rows',
    scene: () => after(done(endpoint), (scene) => scene.edit(openai({ concurrency: 16, timeout: '10m' }))),
    says: 'ready Generated',
    phase: 'Ready',
    conditions: ['Generated=True'],
  },
  {
    title: 'another model makes new rows',
    scene: () => after(done(endpoint), (scene) => scene.edit(openai({ model: 'other' }))),
    says: 'progressing RunCreated',
    phase: 'Queued',
    conditions: ['SourceOutdated=True'],
    actions: [...removesRun, ...createsRun],
  },
  {
    title: 'a wrong API key is told in the words of the worker, with the way to another attempt',
    scene: () => failed(14, 'AuthFailed', endpoint),
    says: 'stalled AuthFailed',
    message: /failed: the reason as the worker tells it; .*annotation "doctune\.dev\/reconcile-requested-at"/,
    phase: 'Failed',
    conditions: ['Generated=False'],
  },
  {
    title: 'an exhausted balance has a condition of its own',
    scene: () => failed(15, 'InsufficientBalance', endpoint),
    says: 'stalled InsufficientBalance',
    phase: 'Failed',
    conditions: ['Generated=False', 'BudgetExceeded=True'],
  },
  {
    title: 'too few rows stall it',
    scene: () => failed(11, 'TooFewRows'),
    says: 'stalled TooFewRows',
    phase: 'Failed',
    conditions: ['Generated=False'],
  },
  {
    title: 'an endpoint that returned prose stalls it',
    scene: () => failed(11, 'NotJson', endpoint),
    says: 'stalled NotJson',
    phase: 'Failed',
    conditions: ['Generated=False'],
  },
  {
    title: 'a lower gate recovers by itself',
    scene: () => after(failed(11, 'TooFewRows'), (scene) => scene.edit({ gates: { minRows: 5 } })),
    says: 'progressing RunCreated',
    phase: 'Queued',
    actions: [...removesRun, ...createsRun],
  },
  {
    title: 'another secret with the key recovers, with the answers that the run has cached',
    scene: () =>
      after(failed(14, 'AuthFailed', endpoint), (scene) =>
        scene.edit(openai({ apiKeySecretRef: { name: 'other', key: 'api-key' } })),
      ),
    says: 'progressing Replacing',
    phase: 'Pending',
    actions: removesRun,
  },
  {
    title: 'a corrected Secret needs a request, which clears the way for the same run',
    scene: () => after(failed(14, 'AuthFailed', endpoint), (scene) => scene.request('now')),
    says: 'progressing Replacing',
    phase: 'Pending',
    actions: removesRun,
  },
  {
    title: 'a growing dataset lets changed documents wait for its interval',
    scene: () => after(done(growing), newDocuments),
    says: 'ready Generated',
    message: /^100 rows are ready as .*; spec\.growth lets changed documents wait until \d{4}-/,
    phase: 'Ready',
    conditions: ['Generated=True', 'SourceOutdated=True'],
  },
  {
    title: 'after its interval a growing dataset takes changed documents up',
    scene: () =>
      after(done(growing), (scene) => {
        newDocuments(scene);
        scene.reconcile();
        scene.world.wait(721 * 3600);
      }),
    says: 'progressing RunCreated',
    phase: 'Queued',
    conditions: ['SourceOutdated=True'],
    actions: [...removesRun, ...createsRun],
  },
  {
    title: 'a changed spec does not wait for the interval of growth',
    scene: () => after(done(growing), (scene) => scene.edit({ rows: { max: 50, perChunk: 4, wordings: 3 } })),
    says: 'progressing RunCreated',
    phase: 'Queued',
    conditions: ['SourceOutdated=True'],
    actions: [...removesRun, ...createsRun],
  },
  {
    title: 'a request goes before the interval of growth',
    scene: () =>
      after(done(growing), (scene) => {
        newDocuments(scene);
        scene.request('now');
      }),
    says: 'progressing RunCreated',
    phase: 'Queued',
    conditions: ['SourceOutdated=True'],
    actions: [...removesRun, ...createsRun],
  },
  {
    title: 'a preview that is made waits for approval, with what the whole would cost',
    scene: previewed,
    says: 'paused AwaitingApproval',
    message:
      /^a preview of 37 rows is ready as sha256:[0-9a-f]{12}; the whole .* 900000 tokens and 1\.25 in money: set spec\.preview\.approve to true/,
    phase: 'AwaitingApproval',
    conditions: ['AwaitingApproval=True'],
  },
  {
    title: 'an approved preview is followed by the whole',
    scene: () => after(previewed(), (scene) => scene.edit({ preview: { chunks: 5, approve: true } })),
    says: 'progressing RunCreated',
    phase: 'Queued',
    actions: [...removesRun, ...createsRun],
  },
  {
    title: 'a larger preview is made anew',
    scene: () => after(previewed(), (scene) => scene.edit({ preview: { chunks: 9, approve: false } })),
    says: 'progressing RunCreated',
    phase: 'Queued',
    actions: [...removesRun, ...createsRun],
  },
  {
    title: 'rows that were made elsewhere wait for no source',
    scene: () =>
      withoutSource({ sourceRefs: undefined, generator: undefined, importFrom: { configMapRef: { name: 'rows' } } }),
    says: 'progressing RunCreated',
    phase: 'Queued',
    actions: ['apply PersistentVolumeClaim doctune-artifacts', ...createsRun],
  },
  {
    title: 'failed chunks below the threshold are told with the rows',
    scene: () =>
      after(running(endpoint), ({ pods }) => {
        const result = generateResult('rows');
        const chunks = { total: 40, usable: 30, done: 30, failed: 1 };
        pods.succeeded({ ...result, summary: { ...result.summary, chunks } });
      }),
    says: 'ready Generated',
    message: /^100 rows are ready as sha256:[0-9a-f]{12}; 1 of 30 chunks failed$/,
    phase: 'Ready',
    conditions: ['Generated=True'],
  },
  {
    title: 'failed chunks above the threshold have a phase of their own',
    scene: () => failed(11, 'PartiallyFailed', endpoint),
    says: 'stalled PartiallyFailed',
    phase: 'PartiallyFailed',
    conditions: ['Generated=False'],
  },
  {
    title: 'the rows before a failure stay',
    scene: () =>
      after(done(), (scene) => {
        newDocuments(scene);
        scene.reconcile();
        scene.pods.running();
        scene.pods.failed(11, 'TooFewRows', 'only 3 rows: lower gates.minRows');
        scene.reconcile();
      }),
    says: 'stalled TooFewRows',
    phase: 'Failed',
    conditions: ['SourceOutdated=True', 'Generated=False'],
  },
];

describe('a Dataset', () => {
  it.each(rows.map((row) => [row.title, row] as const))('%s', (_, row) => {
    const { message, ...decided } = decision(row.scene());
    const { says, phase, conditions = [], actions = [] } = row;
    expect(decided).toEqual({ says, phase, conditions, actions });
    if (row.message !== undefined) expect(message).toMatch(row.message);
  });

  it.each(rows.map((row) => [row.title, row] as const))('comes to rest, and does nothing twice: %s', (_, row) => {
    const lines = settle(row.scene());
    expect(new Set(lines).size).toBe(lines.length);
  });

  it('the order of the sources decides nothing', () => {
    const names = [['quickstart'], ['api']].flat();
    const nameFor = (order: string[]) => {
      const scene = withSource({ sourceRefs: order.map((name) => ({ name })) });
      scene.world.put(fetched(aDocSource({}, 'api'), 'reference'));
      scene.reconcile();
      return scene.pods.job().metadata.name;
    };
    expect(nameFor(names)).toBe(nameFor([...names].reverse()));
  });

  it('the status has the figures of the result, and which documents it comes from', () => {
    expect(done().object.status).toMatchObject({
      rows: { total: 100, train: 70, rejected: 5, byReason: { NO_EVIDENCE: 5 } },
      usage: { requests: 3, totalTokens: 1000 },
      coverage: '0.75',
      sources: [{ name: 'quickstart', digest: fetched(aDocSource(), 'documents').status?.artifact?.digest }],
      progress: { percent: 100, chunksDone: 40, chunksTotal: 40, rows: 100, rejected: 5, tokens: 1000 },
    });
  });

  it('a sample is no artifact, and it goes when the whole is made', () => {
    const scene = previewed();
    expect(scene.object.status).toMatchObject({ preview: { rows: 37, estimatedRequests: 300, estimatedCost: '1.25' } });
    expect(scene.object.status?.artifact).toBeUndefined();
    scene.edit({ preview: { chunks: 5, approve: true } });
    scene.reconcile();
    scene.pods.running();
    scene.pods.succeeded(generateResult('rows'));
    scene.reconcile();
    expect(scene.object.status?.preview).toBeUndefined();
    expect(scene.object.status?.rows?.total).toBe(100);
  });

  it('a newer version tells its parent and what changed', () => {
    const scene = done();
    const parent = scene.object.status?.artifact?.digest;
    newDocuments(scene);
    scene.reconcile();
    scene.pods.running();
    const result = generateResult('newer rows');
    const delta = { added: 8, retired: 2, kept: 92 };
    scene.pods.succeeded({ ...result, summary: { ...result.summary, delta } });
    scene.reconcile();
    expect(scene.object.status).toMatchObject({ parent, delta });
  });

  it('no rows are made from documents that are no longer asked for, when a source is corrected', () => {
    const scene = withoutSource({ sourceRefs: [{ name: 'quikstart' }] });
    settle(scene);
    scene.world.put(fetched(aDocSource(), 'documents'));
    scene.edit({ sourceRefs: [{ name: 'quickstart' }] });
    expect(settle(scene).filter((line) => line.startsWith('apply Job'))).toHaveLength(1);
  });
});
