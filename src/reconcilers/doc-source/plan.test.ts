import { describe, expect, it } from 'vitest';
import { aDocSource, settings } from '../../../tests/builders/objects.ts';
import { Scene, after, decision, settle } from '../../../tests/builders/plans.ts';
import type { PlanRow } from '../../../tests/builders/plans.ts';
import { fetchResult } from '../../../tests/builders/pods.ts';
import type { DocSource } from '../../api/v1alpha1/index.ts';
import { docSourceReconciler } from './index.ts';

type Spec = Record<string, unknown>;

const fresh = (spec: Spec = {}): Scene<DocSource> =>
  new Scene<DocSource>(docSourceReconciler(settings), aDocSource(spec));

function running(spec: Spec = {}): Scene<DocSource> {
  const scene = fresh(spec);
  scene.reconcile();
  scene.pods.running();
  scene.reconcile();
  return scene;
}

function done(spec: Spec = {}): Scene<DocSource> {
  const scene = running(spec);
  scene.pods.succeeded(fetchResult('documents'));
  scene.reconcile();
  return scene;
}

/** A look after an hour: due, started and running. */
function looksAgain(scene: Scene<DocSource>): void {
  scene.world.wait(3600);
  scene.reconcile();
  scene.pods.running();
  scene.reconcile();
}

function failed(exitCode: number, reason: string, spec: Spec = {}): Scene<DocSource> {
  const scene = running(spec);
  scene.pods.failed(exitCode, reason, 'the reason as the worker tells it');
  scene.reconcile();
  return scene;
}

const other = { git: aDocSource({ git: { url: 'https://example.org/other.git' } }).spec.git };
const createsRun = [
  'apply NetworkPolicy quickstart.docsource',
  'apply ConfigMap quickstart-fetch-#',
  'apply Job quickstart-fetch-#',
];
const removesRun = ['remove ConfigMap quickstart-fetch-#', 'remove Job quickstart-fetch-#'];

const rows: PlanRow<DocSource>[] = [
  {
    title: 'a new source is fetched at once',
    scene: fresh,
    says: 'progressing RunCreated',
    phase: 'Queued',
    actions: ['apply PersistentVolumeClaim doctune-artifacts', ...createsRun],
  },
  { title: 'a running pod is fetching', scene: running, says: 'progressing Fetching', phase: 'Running' },
  {
    title: 'a missing secret is named with its field once the pod has waited',
    scene: () =>
      after(fresh({ git: { url: 'https://example.org/d.git', secretRef: { name: 'token' } } }), (scene) => {
        scene.reconcile();
        scene.pods.waiting('ContainerCreating');
        scene.world.wait(31);
      }),
    says: 'progressing VolumesNotReady',
    message: /secret "token" \(spec\.git\.secretRef\) exists; it goes on by itself$/,
    phase: 'Pending',
  },
  {
    title: 'a missing ConfigMap is named with its field once the pod has waited',
    scene: () =>
      after(fresh({ git: undefined, files: { configMapRef: { name: 'pages' } } }), (scene) => {
        scene.reconcile();
        scene.pods.waiting('ContainerCreating');
        scene.world.wait(31);
      }),
    says: 'progressing VolumesNotReady',
    message: /configmap "pages" \(spec\.files\.configMapRef\)/,
    phase: 'Pending',
  },
  {
    title: 'a job that succeeded publishes its documents',
    scene: () => after(running(), ({ pods }) => pods.succeeded(fetchResult('documents'))),
    says: 'ready Fetched',
    message: /^47 documents of main@sha1:1234 are ready$/,
    phase: 'Ready',
  },
  { title: 'between two looks nothing is done', scene: done, says: 'ready Fetched', phase: 'Ready' },
  {
    title: 'after the interval it looks again, and stays ready',
    scene: () => after(done(), ({ world }) => world.wait(3600)),
    says: 'ready Fetched',
    phase: 'Ready',
    actions: [...removesRun, ...createsRun],
  },
  {
    title: 'a look under way leaves it ready',
    scene: () => after(done(), looksAgain),
    says: 'ready Fetched',
    phase: 'Ready',
  },
  {
    title: 'a changed spec is fetched at once, and the documents say that they are of an older one',
    scene: () => after(done(), (scene) => scene.edit(other)),
    says: 'progressing RunCreated',
    phase: 'Queued',
    conditions: ['ArtifactOutdated=True'],
    actions: [...removesRun, ...createsRun],
  },
  {
    title: 'a changed spec replaces a fetch under way',
    scene: () => after(running(), (scene) => scene.edit(other)),
    says: 'progressing Replacing',
    phase: 'Pending',
    actions: removesRun,
  },
  {
    title: 'a request is fetched at once',
    scene: () => after(done(), (scene) => scene.request('now')),
    says: 'ready Fetched',
    phase: 'Ready',
    actions: [...removesRun, ...createsRun],
  },
  {
    title: 'another interval fetches nothing',
    scene: () => after(done(), (scene) => scene.edit({ interval: '2h' })),
    says: 'ready Fetched',
    phase: 'Ready',
  },
  {
    title: 'suspended, a fetch under way is stopped',
    scene: () => after(running(), (scene) => scene.edit({ suspend: true })),
    says: 'paused Suspended',
    phase: 'Suspended',
    conditions: ['Suspended=True'],
    actions: removesRun,
  },
  {
    title: 'an unknown ref stalls it until the spec changes or the interval is over',
    scene: () => failed(13, 'RefNotFound'),
    says: 'stalled RefNotFound',
    message: /failed: the reason as the worker tells it; tried again each 1h, and when the spec changes$/,
    phase: 'Failed',
    conditions: ['FetchFailed=True'],
  },
  {
    title: 'a private repository without a secret stalls it',
    scene: () => failed(14, 'AuthenticationFailed'),
    says: 'stalled AuthenticationFailed',
    phase: 'Failed',
    conditions: ['FetchFailed=True'],
  },
  {
    title: 'a repository without documents stalls it',
    scene: () => failed(13, 'NoDocuments'),
    says: 'stalled NoDocuments',
    phase: 'Failed',
    conditions: ['FetchFailed=True'],
  },
  {
    title: 'an unreachable repository is tried again by itself',
    scene: () => failed(16, 'SourceUnreachable'),
    says: 'retrying SourceUnreachable',
    message: /tried again by itself$/,
    phase: 'Failed',
    conditions: ['FetchFailed=True'],
  },
  {
    title: 'half a minute after the first failure the next attempt starts, and the failure is still told',
    scene: () => after(failed(16, 'SourceUnreachable'), ({ world }) => world.wait(30)),
    says: 'retrying SourceUnreachable',
    phase: 'Queued',
    conditions: ['FetchFailed=True'],
    actions: [...removesRun, ...createsRun],
  },
  {
    title: 'a terminal failure is tried again after the interval, since a Secret may have been corrected',
    scene: () => after(failed(14, 'AuthenticationFailed'), ({ world }) => world.wait(3600)),
    says: 'retrying AuthenticationFailed',
    phase: 'Queued',
    conditions: ['FetchFailed=True'],
    actions: [...removesRun, ...createsRun],
  },
  {
    title: 'a corrected ref recovers at once',
    scene: () => after(failed(13, 'RefNotFound'), (scene) => scene.edit(other)),
    says: 'retrying RefNotFound',
    phase: 'Queued',
    conditions: ['FetchFailed=True'],
    actions: [...removesRun, ...createsRun],
  },
  {
    title: 'another secret recovers at once',
    scene: () =>
      after(failed(14, 'AuthenticationFailed'), (scene) => {
        const { git } = scene.object.spec;
        scene.edit({ git: { ...git, secretRef: { name: 'token' } } });
      }),
    says: 'retrying AuthenticationFailed',
    phase: 'Queued',
    conditions: ['FetchFailed=True'],
    actions: [...removesRun, ...createsRun],
  },
  {
    title: 'the documents before a failure stay',
    scene: () =>
      after(done(), (scene) => {
        looksAgain(scene);
        scene.pods.failed(16, 'SourceUnreachable', 'no answer');
        scene.reconcile();
      }),
    says: 'retrying SourceUnreachable',
    phase: 'Failed',
    conditions: ['FetchFailed=True'],
  },
];

describe('a DocSource', () => {
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

  it('the same documents found again keep the artifact as it was, and are noted as read', () => {
    const scene = done();
    const before = scene.object.status?.artifact;
    looksAgain(scene);
    scene.pods.succeeded(fetchResult('documents'));
    const { events } = scene.reconcile();
    expect(scene.object.status?.artifact).toEqual(before);
    expect(scene.object.status?.lastFetchTime).toBe('2026-11-22T13:00:00Z');
    expect(events).toEqual([]);
  });

  it('[1] pages that did not answer are told as long as they are missing or old', () => {
    const scene = running();
    const result = fetchResult('documents');
    result.summary.documents.unanswered = { kept: 2, missing: 1 };
    scene.pods.succeeded(result);
    const message = /^47 documents .* are ready; 3 pages did not answer: 2 are as they were before, 1 are missing$/;
    expect(scene.reconcile().verdict.message).toMatch(message);
    expect(scene.reconcile().verdict.message).toMatch(message);
    looksAgain(scene);
    scene.pods.succeeded(fetchResult('documents'));
    expect(scene.reconcile().verdict.message).toMatch(/are ready$/);
    expect(scene.object.status?.documents?.unanswered).toEqual({ kept: 0, missing: 0 });
  });

  it('other documents move the artifact and are told in an event', () => {
    const scene = done();
    looksAgain(scene);
    scene.pods.succeeded(fetchResult('other documents'));
    expect(scene.reconcile().events).toMatchObject([{ type: 'Normal', reason: 'ArtifactChanged' }]);
    expect(scene.object.status?.artifact?.lastUpdateTime).toBe('2026-11-22T13:00:00Z');
  });

  it('each failure doubles the time to the next attempt, up to the interval; a success ends that', () => {
    const scene = fresh({ interval: '5m' });
    const waits: (number | undefined)[] = [];
    for (let attempt = 0; attempt < 6; attempt++) {
      scene.reconcile();
      scene.pods.running();
      scene.pods.failed(16, 'SourceUnreachable', 'no answer');
      const { requeueAfterSeconds } = scene.reconcile();
      waits.push(requeueAfterSeconds);
      scene.world.wait(requeueAfterSeconds ?? 0);
    }
    expect(waits).toEqual([30, 60, 120, 240, 300, 300]);
    scene.reconcile();
    scene.pods.running();
    scene.pods.succeeded(fetchResult('documents'));
    expect(scene.reconcile()).toMatchObject({ verdict: { name: 'ready' }, requeueAfterSeconds: 300 });
    expect(scene.object.status?.failures).toBeUndefined();
  });

  it('is looked at again when the rest of the interval is over', () => {
    const scene = done();
    scene.world.wait(1000);
    expect(scene.reconcile().requeueAfterSeconds).toBe(2600);
  });

  it('a lost write of the status makes no second job for the same look', () => {
    const scene = done();
    scene.world.wait(3600);
    const { object } = scene;
    scene.reconcile();
    const { name } = scene.pods.job().metadata;
    scene.world.put(object);
    scene.reconcile();
    expect(scene.pods.job().metadata.name).toBe(name);
  });

  it('the status says in one line where the documents come from', () => {
    expect(done().object.status?.source).toBe('https://example.org/docs.git');
    const claim = fresh({ git: undefined, files: { claimRef: { name: 'share', path: 'docs/en' } } });
    claim.reconcile();
    expect(claim.object.status?.source).toBe('claim/share/docs/en');
  });
});
