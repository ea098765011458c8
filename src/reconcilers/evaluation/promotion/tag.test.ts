import fc from 'fast-check';
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { describe, expect, it } from 'vitest';
import { aDigest, aFineTuneJob, anEvaluation, settings, trained } from '../../../../tests/builders/objects.ts';
import { Scene, settle } from '../../../../tests/builders/plans.ts';
import { evaluateResult } from '../../../../tests/builders/pods.ts';
import { evaluation } from '../../../api/v1alpha1/index.ts';
import type { Evaluation } from '../../../api/v1alpha1/index.ts';
import { tagInputSchema } from '../../../contract/inputs.ts';
import type { Success } from '../../../contract/result.ts';
import { configMaps, jobs, networkPolicies } from '../../../controller/kinds.ts';
import type { Job } from '../../../controller/kinds.ts';
import { evaluationReconciler } from '../index.ts';

type Spec = Record<string, unknown>;
type EvaluationScene = Scene<Evaluation>;

const rules = [{ metric: 'bleu', split: 'recall', minDelta: '0', requireSignificant: true }];
const better = 20;
const equal = 0;
const worse = -20;

const repository = 'registry.images.svc:5000/team/handbook';
const reference = `${repository}:promoted`;
/** of what a training pushed */
const manifestOf = (adapter: string): string => aDigest(`manifest of ${adapter}`);

function scene(promotion: object = { oci: {} }, spec: Spec = {}): EvaluationScene {
  const object = anEvaluation({ gate: { rules }, promotion, ...spec });
  const made = new Scene<Evaluation>(evaluationReconciler(settings), object);
  made.world.put({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'doctune-artifacts', namespace: 'docs', creationTimestamp: '2026-11-22T10:00:00Z' },
  });
  return made;
}

const jobsOf = (one: EvaluationScene, stage: 'evaluate' | 'tag'): Job[] =>
  one.world.all(jobs).filter(({ metadata }) => metadata.name.startsWith(`quickstart-${stage}-`));

function tagJob(one: EvaluationScene): Job {
  const found = jobsOf(one, 'tag');
  if (found.length !== 1 || found[0] === undefined) throw new Error(`there are ${found.length} jobs that move a tag`);
  return found[0];
}

const inputOf = (one: EvaluationScene, job: Job): unknown =>
  JSON.parse(one.world.get(configMaps, 'docs', job.metadata.name)?.data?.['input.json'] ?? '');

const tagResult = (digest: string): Success<'tag'> => ({
  version: 1,
  reason: 'Moved',
  message: 'moved',
  exitCode: 0,
  summary: { digest, former: null },
});

/** The registry takes it. */
function moved(one: EvaluationScene): void {
  const job = tagJob(one);
  one.world.wait(30);
  one.pods.running(job);
  one.pods.succeeded(tagResult((inputOf(one, job) as { digest: string }).digest), job);
  settle(one);
}

/** A newer adapter comes, pushed by its training, and is measured. */
function evaluated(one: EvaluationScene, adapter: string, delta: number, oci: Spec = {}): void {
  const output = { oci: { repository, insecure: true, ...oci } };
  const job = trained(aFineTuneJob({ output }), adapter);
  const published = [{ name: 'adapter', reference: `${repository}:${adapter}`, digest: manifestOf(adapter) }];
  const run = { artifactRun: `quickstart-train-${adapter}` };
  one.world.put({ ...job, status: { ...job.status, ...run, published } });
  settle(one);
  one.world.wait(60);
  const newest = jobsOf(one, 'evaluate').at(-1)!;
  one.pods.running(newest);
  one.pods.succeeded(evaluateResult(`report of ${adapter}`, delta), newest);
}

/** The same, and it is judged. */
function measured(one: EvaluationScene, adapter: string, delta: number, oci: Spec = {}): void {
  evaluated(one, adapter, delta, oci);
  settle(one);
}

const annotate = (one: EvaluationScene, rollback: string): void => {
  const { object } = one;
  const annotations = { 'doctune.dev/rollback': rollback };
  one.world.put({ ...object, metadata: { ...object.metadata, annotations } });
  settle(one);
};

const policyOf = (one: EvaluationScene, name: string): INetworkPolicy =>
  one.world.get(networkPolicies, 'docs', name) as INetworkPolicy;
const toldOf = (one: EvaluationScene): string | undefined =>
  one.world.get(configMaps, 'docs', 'quickstart-promoted')?.data?.['digest'];
const taggedOf = (one: EvaluationScene) => one.object.status?.conditions?.find(({ type }) => type === 'Tagged');

describe('[17] how its registry is reached', () => {
  const push = { name: 'push', key: '.dockerconfigjson' };

  it.each<[string, object, object, object]>([
    ['as trainings push, where nothing is given', {}, { secretRef: push }, { secret: 'push', insecure: true }],
    [
      'as it is asked for',
      { secretRef: { name: 'move' }, insecure: false },
      { secretRef: push },
      { secret: 'move', insecure: false },
    ],
    [
      'not as they push to another registry meanwhile',
      {},
      { secretRef: push, repository: 'other.example/team/handbook' },
      { secret: undefined, insecure: false },
    ],
  ])('%s', (_, asked, pushed, { secret, insecure }: { secret?: string; insecure?: boolean }) => {
    const one = scene({ oci: asked });
    measured(one, 'a', better, pushed as Spec);
    const input = inputOf(one, tagJob(one)) as { configFile: string | null; insecure: boolean };
    expect(input.insecure).toBe(insecure);
    expect(input.configFile === null ? undefined : input.configFile).toEqual(
      secret === undefined ? undefined : expect.stringContaining(`/${secret}/`),
    );
  });

  it('a Secret of the FineTuneJob that is missing is named by its field', () => {
    const one = scene();
    measured(one, 'a', better, { secretRef: push });
    const lastTransitionTime = one.world.now().toISOString();
    const conditions = [{ type: 'PodScheduled' as const, status: 'True' as const, lastTransitionTime }];
    one.pods.pending({ conditions }, tagJob(one));
    one.world.wait(60);
    settle(one);
    expect(taggedOf(one)?.message).toContain('(spec.output.oci.secretRef of finetunejob "quickstart")');
  });
});

describe('[17] two Evaluations with one tag', () => {
  const second = (created: string, spec: Spec = {}, namespace = 'other'): Evaluation => {
    const made = anEvaluation({ gate: { rules }, promotion: { oci: {} }, ...spec });
    const metadata = { ...made.metadata, name: 'second', namespace, uid: 'second', creationTimestamp: created };
    const digest = aDigest('x');
    const artifact = { uri: 'pvc://a/b', digest, revision: 'r', size: 1, lastUpdateTime: created };
    return { ...made, metadata, status: { promoted: { artifact, since: created, oci: `${repository}@${digest}` } } };
  };

  it('the older one moves it; the younger says so, and moves it when the older is gone', () => {
    const one = scene();
    const older = second('2026-11-01T00:00:00Z');
    one.world.put(older);
    measured(one, 'a', better);
    expect(jobsOf(one, 'tag')).toEqual([]);
    expect(taggedOf(one)).toMatchObject({
      status: 'False',
      reason: 'TagShared',
      message: `"${reference}" is moved by evaluation "other/second", which is older: choose another spec.promotion.oci.tag in one of them`,
    });
    expect(one.reconcile().requeueAfterSeconds).toBe(60);
    expect(toldOf(one)).toBe(aDigest('a'));
    one.world.delete(older);
    settle(one);
    moved(one);
    expect(one.object.status?.promotedTag?.digest).toBe(manifestOf('a'));
  });

  it.each<[string, (one: EvaluationScene) => void]>([
    ['has moved it', (one) => moved(one)],
    [
      'has moved it, and does not know yet',
      (one) => {
        const job = tagJob(one);
        one.pods.running(job);
        one.pods.succeeded(tagResult(manifestOf('a')), job);
      },
    ],
  ])('the younger one, which %s, moves it anew when the older has had it meanwhile', (_, change) => {
    const one = scene();
    measured(one, 'a', better);
    change(one);
    const older = second('2026-11-01T00:00:00Z');
    one.world.put(older);
    settle(one);
    expect(taggedOf(one)).toMatchObject({ status: 'False', reason: 'TagShared' });
    expect(one.object.status?.promotedTag).toBeUndefined();
    expect(jobsOf(one, 'tag')).toEqual([]);
    one.world.delete(older);
    settle(one);
    expect(taggedOf(one)).toMatchObject({ status: 'Unknown' });
    moved(one);
    expect(taggedOf(one)).toMatchObject({ status: 'True' });
    expect(one.object.status?.promotedTag?.digest).toBe(manifestOf('a'));
  });

  it.each<[string, Evaluation]>([
    ['a younger one', second('2026-12-01T00:00:00Z')],
    ['one of another tag', second('2026-11-01T00:00:00Z', { promotion: { oci: { tag: 'live' } } })],
    ['one without a tag', second('2026-11-01T00:00:00Z', { promotion: undefined })],
    [
      'one that is being deleted',
      {
        ...second('2026-11-01T00:00:00Z'),
        metadata: { ...second('2026-11-01T00:00:00Z').metadata, deletionTimestamp: 'x' },
      },
    ],
  ])("%s is in nobody's way", (_, other) => {
    const one = scene();
    one.world.put(other);
    measured(one, 'a', better);
    expect(jobsOf(one, 'tag')).toHaveLength(1);
  });

  it('one that has promoted nothing yet has its tag where its trainings push to', () => {
    const one = scene();
    one.world.put<Evaluation>({ ...second('2026-11-01T00:00:00Z', {}, 'docs'), status: {} });
    measured(one, 'a', better);
    expect(taggedOf(one)).toMatchObject({ reason: 'TagShared' });
  });
});

describe('[17] the tag of the promoted adapter', () => {
  it('is moved by a Job when an adapter passes, and the status tells where it is', () => {
    const one = scene();
    measured(one, 'a', better);
    expect(toldOf(one)).toBe(aDigest('a'));
    const input = inputOf(one, tagJob(one));
    expect(tagInputSchema.safeParse(input).error).toBeUndefined();
    expect(input).toMatchObject({ repository, tag: 'promoted', digest: manifestOf('a'), configFile: null });
    expect(taggedOf(one)).toMatchObject({ status: 'Unknown' });
    moved(one);
    expect(one.object.status?.promotedTag).toEqual({
      reference,
      digest: manifestOf('a'),
      movedAt: '2026-11-22T12:01:30Z',
    });
    expect(taggedOf(one)).toMatchObject({ status: 'True', reason: 'Moved' });
    expect(jobsOf(one, 'tag')).toEqual([]);
  });

  it.each([
    ['fails', worse],
    ['is inconclusive', equal],
  ])('stays where it is when an adapter %s', (_, delta) => {
    const one = scene();
    measured(one, 'a', better);
    moved(one);
    const { promotedTag } = one.object.status!;
    measured(one, 'b', delta);
    expect(jobsOf(one, 'tag')).toEqual([]);
    expect(one.object.status?.promotedTag).toEqual(promotedTag);
    expect(taggedOf(one)?.status).toBe('True');
  });

  it('is not there before anything has passed', () => {
    const one = scene();
    measured(one, 'a', worse);
    expect(jobsOf(one, 'tag')).toEqual([]);
    expect(taggedOf(one)).toBeUndefined();
  });

  it('goes back with a rollback, also while the Evaluation is suspended', () => {
    const one = scene();
    for (const adapter of ['a', 'b']) {
      measured(one, adapter, better);
      moved(one);
    }
    expect(one.object.status?.promotedTag?.digest).toBe(manifestOf('b'));
    one.edit({ suspend: true });
    annotate(one, 'previous');
    expect(inputOf(one, tagJob(one))).toMatchObject({ digest: manifestOf('a') });
    moved(one);
    expect(one.object.status?.promotedTag?.digest).toBe(manifestOf('a'));
    expect(toldOf(one)).toBe(aDigest('a'));
  });

  it('is moved once: nothing is done however often it is looked at, or judged again', () => {
    const one = scene();
    measured(one, 'a', better);
    moved(one);
    const { status } = one.object;
    for (let look = 0; look < 20; look++) {
      one.world.wait(3600);
      expect(one.reconcile().actions).toEqual([]);
      expect(one.object.status).toEqual(status);
    }
    one.edit({ gate: { rules: [{ ...rules[0], minDelta: '-5' }] } });
    settle(one);
    expect(jobsOf(one, 'tag')).toEqual([]);
  });

  it('is asked for after the promotion is written, so that a Job that cannot be made loses no promotion', () => {
    const one = scene();
    measured(one, 'a', worse);
    one.edit({ gate: { rules: [{ ...rules[0], minDelta: '-30' }] } });
    const { actions } = one.reconcile();
    expect(one.object.status?.promoted?.artifact.digest).toBe(aDigest('a'));
    expect(actions.map(({ object }) => object.metadata?.name)).toEqual(['quickstart-promoted']);
    settle(one);
    expect(jobsOf(one, 'tag')).toHaveLength(1);
  });

  it('is moved by one Job at a time: that of an earlier promotion goes first, with its pods', () => {
    const one = scene();
    measured(one, 'a', better);
    const first = tagJob(one);
    one.pods.running(first);
    evaluated(one, 'b', better);
    const rounds = Array.from({ length: 4 }, () => one.reconcile().actions);
    const ofTags = rounds.flatMap((actions, index) =>
      actions
        .filter(({ object }) => object.kind === 'Job' && object.metadata?.name?.startsWith('quickstart-tag-') === true)
        .map((action) => ({ index, ...action })),
    );
    expect(ofTags).toMatchObject([
      { type: 'remove', propagation: 'Foreground', object: { metadata: { name: first.metadata.name } } },
      { type: 'apply' },
    ]);
    expect(ofTags[1]!.index).toBeGreaterThan(ofTags[0]!.index);
    expect(inputOf(one, tagJob(one))).toMatchObject({ digest: manifestOf('b') });
  });

  it('is asked for again when the result of its Job is lost', () => {
    const one = scene();
    measured(one, 'a', better);
    const { uid } = tagJob(one).metadata;
    one.pods.finished('Complete', 'CompletionsReached', tagJob(one));
    settle(one);
    expect(tagJob(one).metadata.uid).toBe(uid);
    one.world.wait(31);
    settle(one);
    expect(tagJob(one).metadata.uid).not.toBe(uid);
    expect(one.object.status?.promotedTag).toBeUndefined();
    moved(one);
    expect(one.object.status?.promotedTag?.digest).toBe(manifestOf('a'));
  });

  it('is forgotten when the spec no longer asks for it, and a Job under way is stopped', () => {
    const one = scene();
    measured(one, 'a', better);
    moved(one);
    measured(one, 'b', better);
    one.pods.running(tagJob(one));
    one.edit({ promotion: undefined });
    settle(one);
    expect(jobsOf(one, 'tag')).toEqual([]);
    expect(one.object.status?.promotedTag).toBeUndefined();
    expect(taggedOf(one)).toBeUndefined();
    expect(toldOf(one)).toBe(aDigest('b'));
  });
});

describe('[17] whatever happens', () => {
  const events = ['better', 'equal', 'worse', 'back', 'moved', 'refused', 'an hour'] as const;

  function happens(one: EvaluationScene, event: (typeof events)[number], index: number): void {
    const [tagging] = jobsOf(one, 'tag').filter(({ status }) => status?.conditions === undefined);
    if (event === 'better') measured(one, `a${index}`, better);
    else if (event === 'equal') measured(one, `a${index}`, equal);
    else if (event === 'worse') measured(one, `a${index}`, worse);
    else if (event === 'back') annotate(one, `previous@${index}`);
    else if (event === 'moved' && tagging !== undefined) moved(one);
    else if (event === 'refused' && tagging !== undefined) one.pods.failed(16, 'OciUnavailable', 'HTTP 503', tagging);
    else one.world.wait(3600);
    settle(one);
  }

  /** The manifest of the adapter that the ConfigMap tells of. */
  const promotedManifest = (one: EvaluationScene): string | undefined =>
    one.object.status?.promoted?.oci?.split('@')[1];

  it('the tag names nothing but what is promoted when it is moved, and gets there in the end', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...events), { maxLength: 12 }), (drawn) => {
        const one = scene();
        for (const [index, event] of drawn.entries()) {
          const before = one.object.status?.promotedTag;
          happens(one, event, index);
          const after = one.object.status?.promotedTag;
          if (after?.digest !== before?.digest) {
            expect(event).toBe('moved');
            expect(after?.digest).toBe(promotedManifest(one));
          }
        }
        happens(one, 'an hour', drawn.length);
        if (jobsOf(one, 'tag').length > 0) moved(one);
        expect(one.object.status?.promotedTag?.digest).toBe(promotedManifest(one));
      }),
      { numRuns: 60 },
    );
  });
});

describe('[17] the Job that moves it', () => {
  it('is no run of the Evaluation', () => {
    const one = scene();
    measured(one, 'a', better);
    one.pods.running(tagJob(one));
    settle(one);
    const { run, resultsRun, phase, history } = one.object.status!;
    expect(run).toMatchObject({ name: resultsRun, state: 'Succeeded' });
    expect(run?.name).toMatch(/^quickstart-evaluate-/);
    expect(phase).toBe('Ready');
    expect(history).toHaveLength(1);
    one.pods.failed(14, 'OciCredentials', 'give promotion.oci.secretRef', tagJob(one));
    settle(one);
    expect(one.object.status?.run).toEqual(run);
    expect(one.object.status?.phase).toBe('Ready');
    expect(one.object.status?.conditions?.map(({ type }) => type)).not.toContain('EvaluationFailed');
  });

  it('leaves an evaluation under way alone', () => {
    // else the rollback itself would ask for another one, with the adapter that is promoted then
    const one = scene(undefined, { gate: { rules, notWorseThanPromoted: false } });
    measured(one, 'a', better);
    moved(one);
    measured(one, 'b', better);
    moved(one);
    one.world.put(trained(aFineTuneJob(), 'c'));
    settle(one);
    const evaluating = jobsOf(one, 'evaluate').at(-1)!;
    one.pods.running(evaluating);
    annotate(one, 'previous');
    moved(one);
    expect(jobsOf(one, 'evaluate').map(({ metadata }) => metadata.name)).toContain(evaluating.metadata.name);
    expect(one.object.status?.run).toMatchObject({ name: evaluating.metadata.name, state: 'Running' });
    expect(one.object.status?.promotedTag?.digest).toBe(manifestOf('a'));
  });

  it('has credentials mounted that the operator never reads, and neither the store nor a token', () => {
    const one = scene({ oci: { tag: 'live', secretRef: { name: 'push' }, insecure: true } });
    measured(one, 'a', better);
    const job = tagJob(one);
    expect(inputOf(one, job)).toMatchObject({
      tag: 'live',
      configFile: '/etc/doctune/secrets/push/.dockerconfigjson',
      insecure: true,
    });
    const { volumes = [], containers } = job.spec!.template.spec!;
    expect(volumes.map(({ name }) => name)).toEqual(['input', 'tmp', 'mount-0']);
    expect(volumes.at(-1)).toMatchObject({ secret: { secretName: 'push' } });
    expect(containers[0]?.command).toEqual(['python', '-m', 'promoter']);
    expect(containers[0]?.env?.map(({ name }) => name).filter((name) => name.startsWith('KUBEFLOW'))).toEqual([]);
    expect(containers[0]?.resources).toEqual({ requests: { cpu: '100m', memory: '128Mi' } });
  });

  it('asks for no GPU where the evaluator has one, and may run where that does', () => {
    const nodeSelector = { pool: 'models' };
    const one = scene({ oci: {} }, { resources: { gpus: 1, gpuMemory: '23Gi', memory: '64Gi', nodeSelector } });
    measured(one, 'a', better);
    const pod = tagJob(one).spec!.template.spec!;
    expect(JSON.stringify(pod)).not.toContain('nvidia.com');
    expect(pod.containers[0]?.resources?.limits).toBeUndefined();
    expect(pod.nodeSelector).toEqual(nodeSelector);
  });

  it('may reach the registry alone, and has a policy of its own, beside that of the runs', () => {
    const one = scene({ oci: { insecure: true } });
    measured(one, 'a', better);
    const policy = policyOf(one, 'quickstart.evaluation-tag');
    const own = { 'doctune.dev/kind': 'evaluation-tag', 'doctune.dev/name': 'quickstart' };
    expect(policy.spec?.podSelector).toEqual({ matchLabels: own });
    expect(tagJob(one).spec?.template.metadata?.labels).toMatchObject(own);
    expect(policy.spec?.ingress).toEqual([]);
    expect(policy.spec?.egress?.slice(1)).toEqual([
      { ports: [{ protocol: 'TCP', port: 5000 }] },
      { to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'images' } } }] },
    ]);
    const runs = policyOf(one, 'quickstart.evaluation');
    expect(runs.spec?.podSelector).toEqual({ matchLabels: { ...own, 'doctune.dev/kind': 'evaluation' } });
    expect(JSON.stringify(runs.spec?.egress)).not.toContain('5000');
  });
});

describe('[17] a tag that cannot be moved', () => {
  function refused(code: number, reason: string, message: string): EvaluationScene {
    const one = scene();
    measured(one, 'a', better);
    moved(one);
    measured(one, 'b', better);
    one.pods.failed(code, reason, message, tagJob(one));
    settle(one);
    return one;
  }

  it.each([
    ['the credentials', 14, 'OciCredentials', 'give promotion.oci.secretRef'],
    ['a manifest that is gone', 13, 'ManifestNotFound', 'push the adapter there again'],
    ['a registry that is away', 16, 'OciUnavailable', 'HTTP 503'],
  ])('for %s is told with the remedy, and the promotion stands', (_, code, reason, message) => {
    const one = refused(code, reason, message);
    expect(taggedOf(one)).toMatchObject({ status: 'False', reason });
    expect(taggedOf(one)?.message).toContain(message);
    expect(taggedOf(one)?.message).toContain('is tried again at 2026-11-22T12:');
    expect(toldOf(one)).toBe(aDigest('b'));
    const { promoted, promotedTag, conditions } = one.object.status!;
    expect(promoted?.artifact.digest).toBe(aDigest('b'));
    expect(promotedTag?.digest).toBe(manifestOf('a'));
    expect(conditions?.find(({ type }) => type === 'Ready')?.status).toBe('True');
    expect(conditions?.find(({ type }) => type === 'GatePassed')?.status).toBe('True');
  });

  it('is tried again by itself, ever more rarely, until it is moved', () => {
    const one = refused(16, 'OciUnavailable', 'HTTP 503');
    const waits = [60, 120, 240, 480, 960, 1800, 1800];
    for (const [index, seconds] of waits.entries()) {
      expect(one.object.status?.promotedTagFailure?.failures).toBe(index + 1);
      expect(one.reconcile().requeueAfterSeconds).toBe(seconds);
      const [failed] = jobsOf(one, 'tag');
      one.world.wait(seconds - 1);
      settle(one);
      expect(jobsOf(one, 'tag')).toEqual([failed]);
      one.world.wait(1);
      settle(one);
      expect(tagJob(one).metadata.name).not.toBe(failed?.metadata.name);
      one.pods.failed(16, 'OciUnavailable', 'HTTP 503', tagJob(one));
      settle(one);
    }
    one.world.wait(1800);
    settle(one);
    moved(one);
    expect(one.object.status?.promotedTagFailure).toBeUndefined();
    expect(one.object.status?.promotedTag?.digest).toBe(manifestOf('b'));
  });

  it.each<[string, (one: EvaluationScene) => void, object]>([
    [
      'the spec names other credentials',
      (one) => one.edit({ promotion: { oci: { tag: 'promoted', secretRef: { name: 'push', key: 'k' } } } }),
      { configFile: '/etc/doctune/secrets/push/k', digest: manifestOf('b') },
    ],
    ['somebody goes back', (one) => annotate(one, 'previous@1'), { digest: manifestOf('a') }],
    ['another adapter passes', (one) => measured(one, 'c', better), { digest: manifestOf('c') }],
  ])('is tried again at once when %s', (title, change, input) => {
    const one = refused(14, 'OciCredentials', 'give promotion.oci.secretRef');
    change(one);
    settle(one);
    if (title === 'somebody goes back') {
      // it never left that adapter
      expect(taggedOf(one)?.status).toBe('True');
      expect(one.object.status?.promotedTagFailure).toBeUndefined();
      expect(jobsOf(one, 'tag')).toEqual([]);
      return;
    }
    expect(inputOf(one, tagJob(one))).toMatchObject(input);
  });

  it('since the namespace gives pods too little memory is told with that', () => {
    const one = scene();
    measured(one, 'a', better);
    one.pods.killed(137, 'OOMKilled', tagJob(one));
    settle(one);
    expect(taggedOf(one)).toMatchObject({ status: 'False', reason: 'OutOfMemory' });
    expect(taggedOf(one)?.message).toContain('let a LimitRange of the namespace give pods at least 128Mi');
  });

  it('for a Secret that is not there waits for it, and names its field', () => {
    const one = scene({ oci: { secretRef: { name: 'push' } } });
    measured(one, 'a', better);
    const lastTransitionTime = one.world.now().toISOString();
    const conditions = [{ type: 'PodScheduled' as const, status: 'True' as const, lastTransitionTime }];
    one.pods.pending({ conditions }, tagJob(one));
    one.world.wait(60);
    settle(one);
    expect(taggedOf(one)).toMatchObject({ status: 'Unknown', reason: 'VolumesNotReady' });
    expect(taggedOf(one)?.message).toContain(
      'secret "push" with the key ".dockerconfigjson" (spec.promotion.oci.secretRef)',
    );
  });

  it('since the adapter is in no registry is told with the field of its FineTuneJob', () => {
    const one = scene();
    const job = trained(aFineTuneJob(), 'a');
    one.world.put(job);
    settle(one);
    one.world.wait(60);
    one.pods.running();
    one.pods.succeeded(evaluateResult('report of a', better));
    settle(one);
    expect(taggedOf(one)).toMatchObject({ status: 'False', reason: 'NotInRegistry' });
    expect(taggedOf(one)?.message).toContain('give spec.output.oci of finetunejob "quickstart"');
    expect(jobsOf(one, 'tag')).toEqual([]);
    expect(toldOf(one)).toBe(aDigest('a'));
  });

  it.each([
    ['the tag that trainings push to', { tag: 'promoted' }, 'promoted'],
    ['the tag of their exports', { tag: 'v1' }, 'v1-merged'],
  ])('since it is %s is told, and nothing is moved', (_, oci, tag) => {
    const one = scene({ oci: { tag } });
    measured(one, 'a', better, oci);
    expect(taggedOf(one)).toMatchObject({ status: 'False', reason: 'TagTaken' });
    expect(taggedOf(one)?.message).toContain('choose another spec.promotion.oci.tag');
    expect(jobsOf(one, 'tag')).toEqual([]);
  });
});

it('[17] a tag that trainings pushed to meanwhile is moved anew', () => {
  const one = scene();
  measured(one, 'a', better);
  moved(one);
  measured(one, 'b', worse, { tag: 'promoted' });
  expect(taggedOf(one)).toMatchObject({ status: 'False', reason: 'TagTaken' });
  expect(one.object.status?.promotedTag).toBeUndefined();
  measured(one, 'c', worse);
  expect(inputOf(one, tagJob(one))).toMatchObject({ digest: manifestOf('a') });
});

describe('[17] spec.promotion', () => {
  const problemOf = (promotion: object) =>
    evaluation.spec.safeParse({ jobRef: { name: 'a' }, promotion }).error?.issues[0]?.message;

  it('may be left out, and asks for the tag "promoted" if no other is given', () => {
    expect(evaluation.spec.parse({ jobRef: { name: 'a' } }).promotion).toBeUndefined();
    expect(evaluation.spec.parse({ jobRef: { name: 'a' }, promotion: { oci: {} } }).promotion?.oci?.tag).toBe(
      'promoted',
    );
  });

  it('takes no tag that registries do not, and none that trainings make', () => {
    expect(problemOf({ oci: { tag: 'a tag' } })).toBeDefined();
    expect(problemOf({ oci: { tag: 'sha256-0a1b2c3d4e5f' } })).toContain('choose another');
    expect(problemOf({ oci: { tag: 'live.2' } })).toBeUndefined();
  });
});
