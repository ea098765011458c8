import { describe, expect, it } from 'vitest';
import { aDigest, aFineTuneJob, anEvaluation, settings, trained } from '../../../tests/builders/objects.ts';
import { Scene, settle } from '../../../tests/builders/plans.ts';
import { evaluateResult } from '../../../tests/builders/pods.ts';
import type { Evaluation, FineTuneJobStatus } from '../../api/v1alpha1/index.ts';
import { claims, configMaps, jobs } from '../../controller/kinds.ts';
import type { ConfigMap } from '../../controller/kinds.ts';
import { evaluationReconciler } from './index.ts';

type Spec = Record<string, unknown>;

const rule = { metric: 'bleu', split: 'recall' };
const gate = { rules: [{ ...rule, minDelta: '0', requireSignificant: true }] };
const better = 20;
const equal = 0;
const worse = -20;

/** An Evaluation whose claim is older than the adapters. */
function scene(spec: Spec = {}): Scene<Evaluation> {
  const made = new Scene<Evaluation>(evaluationReconciler(settings), anEvaluation({ gate, ...spec }));
  made.world.put({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'doctune-artifacts', namespace: 'docs', creationTimestamp: '2026-11-22T10:00:00Z' },
  });
  return made;
}

/** A newer adapter comes, is measured, and is judged. Gives the name of the run. */
function round(
  one: Scene<Evaluation>,
  adapter: string,
  delta: number,
  status: Partial<FineTuneJobStatus> = {},
): string {
  const job = trained(aFineTuneJob(), adapter);
  one.world.put({ ...job, status: { ...job.status, artifactRun: `quickstart-train-${adapter}`, ...status } });
  settle(one);
  one.world.wait(60);
  const newest = one.world.all(jobs).at(-1)!;
  one.pods.running(newest);
  one.pods.succeeded(evaluateResult(`report of ${adapter}`, delta), newest);
  settle(one);
  return one.object.status!.run!.name;
}

const annotate = (one: Scene<Evaluation>, rollback: string, more: Record<string, string> = {}): void => {
  const { object } = one;
  const told = Object.entries(more).map(([key, value]) => [`doctune.dev/rollback-${key}`, value]);
  const annotations = { 'doctune.dev/rollback': rollback, ...Object.fromEntries(told) } as Record<string, string>;
  one.world.put({ ...object, metadata: { ...object.metadata, annotations } });
};

const promotedOf = (one: Scene<Evaluation>): string | undefined => one.object.status?.promoted?.artifact.digest;
const conditionOf = (one: Scene<Evaluation>, type: string) =>
  one.object.status?.conditions?.find((condition) => condition.type === type);
const mapOf = (one: Scene<Evaluation>): ConfigMap | undefined =>
  one.world.get(configMaps, 'docs', 'quickstart-promoted');
const actionsOf = (one: Scene<Evaluation>): number => one.reconcile().actions.length;

describe('[17] what others read of the promoted adapter', () => {
  it('has its place, its origin, and the forms that servers take', () => {
    const one = scene();
    const run = round(one, 'a', better, {
      baseModelRevision: 'tiny@sha256:0',
      method: { chosen: 'LoRA', learningRate: '0.0002' },
      exports: [{ name: 'merged', size: 1, sizeRatio: '1', topOneAgreement: '1', meanKl: '0', perplexityRise: '0' }],
    });
    const folder = `artifacts/adapters/${aDigest('a').slice(7)}`;
    const map = mapOf(one)!;
    expect(map.metadata).toMatchObject({
      labels: { 'doctune.dev/promoted': 'true', 'doctune.dev/name': 'quickstart' },
      ownerReferences: [{ kind: 'Evaluation', name: 'quickstart', uid: 'uid-of-evaluation-quickstart' }],
    });
    const { 'promoted.json': json, ...data } = map.data!;
    expect(data).toEqual({
      name: 'quickstart',
      uri: `pvc://doctune-artifacts/${folder}`,
      digest: aDigest('a'),
      form: 'lora',
      storageUri: `pvc://doctune-artifacts/${folder}/adapter`,
      mergedStorageUri: `pvc://doctune-artifacts/${folder}/exports/merged`,
      claim: 'doctune-artifacts',
      path: `${folder}/adapter`,
      loraModules: `quickstart=/store/${folder}/adapter`,
      baseModel: 'tiny',
      baseModelRevision: 'tiny@sha256:0',
      method: 'LoRA',
      datasetDigest: aDigest('rows'),
      run: 'quickstart-train-a',
      evaluationRun: run,
      promotedAt: '2026-11-22T12:01:00Z',
      promotedBy: 'Gate',
    });
    expect(JSON.parse(json!)).toEqual(data);
  });

  it('names what lies in a registry by its digest', () => {
    const one = scene();
    const published = (name: string, reference: string) => ({ name, reference, digest: aDigest(name) });
    const reference = 'registry.example:5000/team/handbook:v1';
    round(one, 'a', better, {
      published: [published('merged', `${reference}-merged`), published('adapter', reference)],
    });
    const oci = `registry.example:5000/team/handbook@${aDigest('adapter')}`;
    expect(mapOf(one)?.data).toMatchObject({ oci });
    round(one, 'b', worse, { published: [published('adapter', 'registry.example:5000/team/handbook:v2')] });
    expect(mapOf(one)?.data?.['oci']).toBe(oci);
    expect(one.object.status?.promoted?.oci).toBe(oci);
  });

  it.each([
    ['Full', 'model', 'model'],
    ['Freeze', 'model', 'model'],
    ['IA3', 'adapter', 'adapter'],
    ['QLoRA', 'lora', 'adapter'],
  ])('of method %s it is a %s in the folder %s', (chosen, form, folder) => {
    const one = scene();
    round(one, 'a', better, { method: { chosen, learningRate: '1' } });
    const data = mapOf(one)?.data ?? {};
    expect(data).toMatchObject({ form, method: chosen });
    expect(data['storageUri']).toMatch(new RegExp(`/${folder}$`));
    expect('loraModules' in data).toBe(form === 'lora');
  });

  it.each([
    ['a failing', worse, 'False'],
    ['an inconclusive', equal, 'Unknown'],
  ])('is not moved by %s run', (_, delta, status) => {
    const one = scene();
    round(one, 'a', better);
    const before = mapOf(one);
    round(one, 'b', delta);
    expect(conditionOf(one, 'GatePassed')?.status).toBe(status);
    expect(mapOf(one)).toEqual(before);
    expect(promotedOf(one)).toBe(aDigest('a'));
  });

  it('is not there before anything has passed', () => {
    const one = scene();
    round(one, 'a', worse);
    expect(mapOf(one)).toBeUndefined();
  });

  it('is made again when somebody changes or removes it, and what others add to it stays', () => {
    const one = scene();
    round(one, 'a', better);
    const before = mapOf(one)!;
    one.world.delete(before);
    settle(one);
    expect(mapOf(one)?.data).toEqual(before.data);
    one.world.put({ ...mapOf(one)!, data: { ...before.data, digest: 'mine' } });
    settle(one);
    expect(mapOf(one)?.data).toEqual(before.data);
    one.world.put({ ...mapOf(one)!, data: { ...before.data, more: 'theirs' } });
    expect(actionsOf(one)).toBe(0);
  });

  it('also while the Evaluation is suspended', () => {
    const one = scene();
    round(one, 'a', better);
    one.edit({ suspend: true });
    settle(one);
    one.world.delete(mapOf(one)!);
    settle(one);
    expect(mapOf(one)?.data?.['digest']).toBe(aDigest('a'));
  });
});

describe('[17] a rollback', () => {
  function threePassed(spec: Spec = {}): { one: Scene<Evaluation>; runs: string[] } {
    const one = scene(spec);
    const runs = ['a', 'b', 'c'].map((adapter) => round(one, adapter, better));
    expect(promotedOf(one)).toBe(aDigest('c'));
    return { one, runs };
  }

  it('promotes the earlier adapter again, and tells who, when and why', () => {
    const { one, runs } = threePassed();
    annotate(one, 'previous', { by: 'ada', reason: 'answers are rude' });
    one.world.wait(60);
    settle(one);
    const { promoted, rollback, rollbacks } = one.object.status!;
    expect(promoted).toMatchObject({
      artifact: { digest: aDigest('b') },
      run: runs[1],
      trainingRun: 'quickstart-train-b',
      by: 'Rollback',
      since: '2026-11-22T12:04:00Z',
    });
    const move = { from: runs[2], to: runs[1], by: 'ada', reason: 'answers are rude', time: '2026-11-22T12:04:00Z' };
    expect(rollbacks).toEqual([move]);
    expect(rollback).toEqual({ ...move, held: [aDigest('c')] });
    expect(mapOf(one)?.data).toMatchObject({ digest: aDigest('b'), promotedBy: 'Rollback' });
    expect(conditionOf(one, 'RolledBack')?.message).toBe(
      `the adapter of run "${runs[1]!}" was promoted again by ada: answers are rude; it stays until a newer adapter passes`,
    );
  });

  it('stays however often it is looked at, judged again or measured again', () => {
    const { one } = threePassed();
    annotate(one, 'previous');
    settle(one);
    const { status } = one.object;
    for (let look = 0; look < 50; look++) {
      one.world.wait(60);
      expect(actionsOf(one)).toBe(0);
      expect(one.object.status).toEqual(status);
    }
    one.edit({ gate: { rules: [{ ...gate.rules[0]!, minDelta: '-5' }] } });
    settle(one);
    expect(promotedOf(one)).toBe(aDigest('b'));
    one.edit({ maxSamples: 128 });
    round(one, 'c', better);
    expect(conditionOf(one, 'GatePassed')?.status).toBe('True');
    expect(promotedOf(one)).toBe(aDigest('b'));
  });

  it('outlives newer adapters that do not pass, and ends with one that does', () => {
    const { one } = threePassed();
    annotate(one, 'previous');
    settle(one);
    round(one, 'd', worse);
    round(one, 'e', equal);
    expect(promotedOf(one)).toBe(aDigest('b'));
    round(one, 'f', better);
    expect(promotedOf(one)).toBe(aDigest('f'));
    expect(one.object.status?.rollback).toBeUndefined();
    expect(one.object.status?.rollbacks).toHaveLength(1);
    expect(conditionOf(one, 'RolledBack')).toBeUndefined();
    // the annotation is still there, and has been answered
    for (let look = 0; look < 10; look++) expect(actionsOf(one)).toBe(0);
    expect(promotedOf(one)).toBe(aDigest('f'));
  });

  it('goes to the run that is named, by its own name or that of its training, and forward too', () => {
    const { one, runs } = threePassed();
    annotate(one, runs[0]!);
    settle(one);
    expect(promotedOf(one)).toBe(aDigest('a'));
    expect(one.object.status?.rollback?.held).toEqual([aDigest('c'), aDigest('b')]);
    annotate(one, 'quickstart-train-c');
    settle(one);
    expect(promotedOf(one)).toBe(aDigest('c'));
    expect(one.object.status?.rollback?.held).toEqual([aDigest('b')]);
  });

  it('goes one further back with each new value', () => {
    const { one } = threePassed();
    annotate(one, 'previous');
    settle(one);
    annotate(one, 'previous@2');
    settle(one);
    expect(promotedOf(one)).toBe(aDigest('a'));
    annotate(one, 'previous@3');
    settle(one);
    expect(promotedOf(one)).toBe(aDigest('a'));
    expect(conditionOf(one, 'RollbackRefused')?.reason).toBe('NoPreviousAdapter');
  });

  it('passes over what somebody went back from, until that is named', () => {
    const { one, runs } = threePassed();
    annotate(one, 'previous');
    settle(one);
    expect(promotedOf(one)).toBe(aDigest('b'));
    round(one, 'd', better);
    annotate(one, 'previous@2');
    settle(one);
    expect(promotedOf(one)).toBe(aDigest('b'));
    annotate(one, runs[2]!);
    settle(one);
    expect(promotedOf(one)).toBe(aDigest('c'));
    round(one, 'e', better);
    annotate(one, 'previous@3');
    settle(one);
    expect(promotedOf(one)).toBe(aDigest('c'));
    const told = one.object.status?.history?.map(({ rolledBack = false }) => rolledBack);
    expect(told).toEqual([true, true, false, false, false]);
  });

  it('works while the Evaluation is suspended, and while a newer adapter is measured', () => {
    const { one } = threePassed();
    one.edit({ suspend: true });
    annotate(one, 'previous');
    settle(one);
    expect(promotedOf(one)).toBe(aDigest('b'));
    one.edit({ suspend: false });
    one.world.put(trained(aFineTuneJob(), 'd'));
    settle(one);
    annotate(one, 'previous@2');
    settle(one);
    expect(promotedOf(one)).toBe(aDigest('a'));
  });

  it.each([
    [
      'a run that is not known',
      'quickstart-evaluate-x',
      'RunNotFound',
      /status\.history: those that passed are "quick/,
    ],
    ['a run that did not pass', 'quickstart-train-w', 'RunNotPassed', /did not pass the gate \(Failed\): those that/],
  ])('to %s is refused with the remedy', (_, value, reason, remedy) => {
    const { one } = threePassed();
    round(one, 'w', worse);
    annotate(one, value);
    settle(one);
    expect(conditionOf(one, 'RollbackRefused')).toMatchObject({ status: 'True', reason });
    expect(conditionOf(one, 'RollbackRefused')?.message).toMatch(remedy);
    expect(promotedOf(one)).toBe(aDigest('c'));
    annotate(one, '');
    settle(one);
    expect(conditionOf(one, 'RollbackRefused')).toBeUndefined();
    expect(one.object.status?.rollbackRequest).toBeUndefined();
  });

  it.each([
    ['is not there', undefined],
    ['is newer than the adapter', '2026-11-22T13:00:00Z'],
  ])('is refused when the claim %s', (_, creationTimestamp) => {
    const { one } = threePassed();
    const claim = one.world.get(claims, 'docs', 'doctune-artifacts')!;
    one.edit({ suspend: true });
    one.world.delete(claim);
    if (creationTimestamp !== undefined)
      one.world.put({ ...claim, metadata: { ...claim.metadata, creationTimestamp } });
    annotate(one, 'previous');
    settle(one);
    expect(conditionOf(one, 'RollbackRefused')).toMatchObject({ reason: 'ArtifactGone' });
    expect(conditionOf(one, 'RollbackRefused')?.message).toContain('train the adapter again');
    expect(promotedOf(one)).toBe(aDigest('c'));
  });

  it('that was refused is not made up for later', () => {
    const one = scene();
    round(one, 'a', better);
    annotate(one, 'previous');
    settle(one);
    expect(conditionOf(one, 'RollbackRefused')?.reason).toBe('NoPreviousAdapter');
    round(one, 'b', better);
    expect(promotedOf(one)).toBe(aDigest('b'));
  });
});

describe('[20] the history', () => {
  it('has the headline of each run, the newest first', () => {
    const one = scene();
    const first = round(one, 'a', better);
    const second = round(one, 'b', worse);
    expect(one.object.status?.history).toMatchObject([
      {
        run: second,
        verdict: 'Failed',
        promoted: false,
        recall: '-15.0',
        delta: '-20.0',
        trainingRun: 'quickstart-train-b',
      },
      { run: first, verdict: 'Passed', promoted: true, recall: '25.0', delta: '+20.0', unseen: '+5.0%' },
    ]);
  });

  it('is bounded, and the promoted run and the one to go back to stay in it', () => {
    const one = scene({ historyLimit: 4 });
    const good = [round(one, 'a', better), round(one, 'b', better)];
    const bad = Array.from({ length: 6 }, (_, index) => round(one, `w${index}`, worse));
    expect(one.object.status?.history?.map(({ run }) => run)).toEqual([bad[5], bad[4], good[1], good[0]]);
    annotate(one, 'previous');
    settle(one);
    expect(promotedOf(one)).toBe(aDigest('a'));
  });

  it('with room for one run keeps the newest', () => {
    const one = scene({ historyLimit: 1 });
    round(one, 'a', better);
    const newest = round(one, 'b', worse);
    expect(one.object.status?.history?.map(({ run }) => run)).toEqual([newest]);
    expect(promotedOf(one)).toBe(aDigest('a'));
  });

  it('says what the gate says now, if it is changed', () => {
    const one = scene();
    round(one, 'a', equal);
    expect(one.object.status?.history).toMatchObject([{ verdict: 'Inconclusive', promoted: false }]);
    one.edit({ gate: { rules: [{ ...rule, minDelta: '0' }] } });
    settle(one);
    expect(one.object.status?.history).toMatchObject([{ verdict: 'Passed', promoted: true }]);
  });

  it('begins with what a status of an older version tells', () => {
    const one = scene();
    const run = round(one, 'a', better);
    const { history, promoted, ...older } = one.object.status!;
    expect(history).toHaveLength(1);
    one.world.put({
      ...one.object,
      status: { ...older, promoted: { artifact: promoted!.artifact, since: promoted!.since } },
    });
    settle(one);
    expect(one.object.status?.history).toMatchObject([{ run, verdict: 'Passed', promoted: true }]);
    expect(one.object.status?.promoted?.since).toBe(promoted!.since);
  });
});
