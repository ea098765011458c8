import { describe, expect, it } from 'vitest';
import { aFineTuneJob, anEvaluation, settings, trained } from '../../../tests/builders/objects.ts';
import { Scene, after, decision, settle } from '../../../tests/builders/plans.ts';
import type { PlanRow } from '../../../tests/builders/plans.ts';
import { actionLine } from '../../../tests/builders/world.ts';
import { evaluateResult } from '../../../tests/builders/pods.ts';
import type { Evaluation } from '../../api/v1alpha1/index.ts';
import { evaluationReconciler } from './index.ts';

type Spec = Record<string, unknown>;

const withoutJob = (spec: Spec = {}): Scene<Evaluation> =>
  new Scene<Evaluation>(evaluationReconciler(settings), anEvaluation(spec));

function withAdapter(spec: Spec = {}): Scene<Evaluation> {
  const scene = withoutJob(spec);
  scene.world.put(trained(aFineTuneJob(), 'adapter'));
  return scene;
}

function running(spec: Spec = {}): Scene<Evaluation> {
  const scene = withAdapter(spec);
  scene.reconcile();
  scene.pods.running();
  scene.reconcile();
  return scene;
}

function done(spec: Spec = {}): Scene<Evaluation> {
  const scene = running(spec);
  scene.pods.succeeded(evaluateResult('report'));
  scene.reconcile();
  return scene;
}

const remedy = 'judge.openai refuses the key: correct judge.openai.apiKeySecretRef (status 401: {})';

const unavailable = {
  reason: 'JudgeUnavailable',
  message:
    'judge.openai: the endpoint does not answer: wait until it does, or correct judge.openai.baseURL (status 503)',
};

function partialResult(stopped: { reason: string; message: string }) {
  const result = evaluateResult('partial');
  const told = { asked: 10, questions: 24, unreadable: 0, positionBias: null, lengthControlled: null, kappa: null };
  const judge = { ...told, learned: null, forgotten: null, cost: 0.01, isPartial: true, stopped };
  return { ...result, summary: { ...result.summary, judge } };
}

/** An evaluation whose judge was left with questions. */
function partial(spec: Spec = {}, stopped = { reason: 'EndpointUnauthorized', message: remedy }): Scene<Evaluation> {
  const scene = running({ ...withJudge, ...spec });
  scene.pods.succeeded(partialResult(stopped));
  scene.reconcile();
  return scene;
}
const openai = { baseURL: 'https://judge.example', model: 'judge-1' };
const withJudge: Spec = {
  judge: anEvaluation({ judge: { openai: { ...openai, apiKeySecretRef: { name: 'wrong' } } } }).spec.judge,
};
const correctedKey: Spec = {
  judge: anEvaluation({ judge: { openai: { ...openai, apiKeySecretRef: { name: 'right' } } } }).spec.judge,
};

const newAdapter = (scene: Scene<Evaluation>) => scene.world.put(trained(aFineTuneJob(), 'newer adapter'));

const gate = (...rules: Spec[]): Spec => ({
  gate: anEvaluation({ gate: { rules: rules.map((rule) => ({ metric: 'bleu', split: 'recall', ...rule })) } }).spec
    .gate,
});
const kept = gate({ minDelta: '0', requireSignificant: true }, { min: '20' });
const broken = gate({ minDelta: '21' });
const open = gate({ minDelta: '19', requireSignificant: true });
const promotes = 'apply ConfigMap quickstart-promoted';

const createsRun = [
  'apply NetworkPolicy quickstart.evaluation',
  'apply ConfigMap quickstart-evaluate-#',
  'apply Job quickstart-evaluate-#',
];
const removesRun = ['remove ConfigMap quickstart-evaluate-#', 'remove Job quickstart-evaluate-#'];

const rows: PlanRow<Evaluation>[] = [
  {
    title: 'without its job it waits, and names the field',
    scene: withoutJob,
    says: 'progressing JobNotFound',
    message: /^finetunejob "quickstart" does not exist: create it, or correct spec\.jobRef\.name$/,
    phase: 'Pending',
  },
  {
    title: 'a job without an adapter is waited for',
    scene: () => after(withoutJob(), ({ world }) => world.put(aFineTuneJob())),
    says: 'progressing JobNotReady',
    message: /^finetunejob "quickstart" has no adapter yet$/,
    phase: 'Pending',
  },
  {
    title: 'with an adapter it makes the store, the input and the job',
    scene: withAdapter,
    says: 'progressing RunCreated',
    phase: 'Queued',
    actions: ['apply PersistentVolumeClaim doctune-artifacts', ...createsRun],
  },
  { title: 'a running pod is evaluating', scene: running, says: 'progressing Evaluating', phase: 'Running' },
  {
    title: 'a newer adapter replaces a run under way',
    scene: () => after(running(), newAdapter),
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
    title: 'without a gate every adapter is promoted',
    scene: () => after(running(), ({ pods }) => pods.succeeded(evaluateResult('report'))),
    says: 'ready Evaluated',
    message: /^BLEU on recall 25\.0 \(\+20\.0 against base\), no gate$/,
    phase: 'Ready',
    conditions: ['GatePassed=True'],
    actions: [promotes],
  },
  {
    title: 'rules that hold let the adapter pass',
    scene: () => done(kept),
    says: 'ready Evaluated',
    message: /the gate let it pass$/,
    phase: 'Ready',
    conditions: ['GatePassed=True'],
  },
  {
    title: 'a rule that is broken keeps the adapter back, and the evaluation is ready all the same',
    scene: () => done(broken),
    says: 'ready Evaluated',
    message: /the gate kept it back$/,
    phase: 'Ready',
    conditions: ['GatePassed=False'],
  },
  {
    title: 'a bound within the interval keeps the adapter back as well, but is no failure',
    scene: () => done(open),
    says: 'ready Evaluated',
    message: /inconclusive, so the gate kept it back$/,
    phase: 'Ready',
    conditions: ['GatePassed=Unknown'],
  },
  {
    title: 'a changed gate judges the same results, without a run',
    scene: () => after(done(broken), (scene) => scene.edit(kept)),
    says: 'ready Evaluated',
    phase: 'Ready',
    conditions: ['GatePassed=True'],
    actions: [promotes],
  },
  {
    title: 'answers that are none keep the adapter back, whatever the rules say',
    scene: () => after(running(kept), ({ pods }) => pods.succeeded(evaluateResult('report', 20, 0.9))),
    says: 'ready Evaluated',
    message: /the gate kept it back$/,
    phase: 'Ready',
    conditions: ['GatePassed=False', 'Degenerate=True'],
  },
  {
    title: 'questions that were trained are told of',
    scene: () =>
      after(running(), ({ pods }) => {
        const result = evaluateResult('report');
        pods.succeeded({ ...result, summary: { ...result.summary, contaminated: { test: 3 } } });
      }),
    says: 'ready Evaluated',
    phase: 'Ready',
    conditions: ['GatePassed=True', 'Contaminated=True'],
    actions: [promotes],
  },
  {
    title: '[7] a judge that was left with questions is told of with the remedy, and its figures let nothing pass',
    scene: () => partial(gate({ metric: 'graded', min: '50' })),
    says: 'ready Evaluated',
    message: /, judged in part, inconclusive, so the gate kept it back$/,
    phase: 'Ready',
    conditions: ['GatePassed=Unknown', 'Partial=True'],
  },
  {
    title: '[7] nor do those of a judge that did not answer in any attempt',
    scene: () => partial(gate({ metric: 'graded', min: '50' }), unavailable),
    says: 'ready Evaluated',
    message: /, judged in part, inconclusive, so the gate kept it back$/,
    phase: 'Ready',
    conditions: ['GatePassed=Unknown', 'Partial=True'],
  },
  {
    title: '[7] a judge that does not answer is asked again by the next pod while there are attempts left',
    scene: () =>
      after(running(withJudge), ({ pods }) => {
        pods.ended(16);
        pods.running();
      }),
    says: 'progressing Evaluating',
    phase: 'Running',
  },
  {
    title: '[7] a gate that asks for other figures judges them all the same',
    scene: () => partial(kept),
    says: 'ready Evaluated',
    phase: 'Ready',
    conditions: ['GatePassed=True', 'Partial=True'],
  },
  {
    title: '[7] a corrected key is another attempt, though no key decides a result',
    scene: () => after(partial(), (scene) => scene.edit(correctedKey)),
    says: 'progressing RunCreated',
    phase: 'Queued',
    conditions: ['GatePassed=True', 'Partial=True', 'Outdated=True'],
    actions: [...removesRun, ...createsRun],
  },
  {
    title: '[7] a gate that is edited after a partial result judges it, without a run',
    scene: () => after(partial(gate({ metric: 'graded', min: '50' })), (scene) => scene.edit(kept)),
    says: 'ready Evaluated',
    message: /, judged in part, the gate let it pass$/,
    phase: 'Ready',
    conditions: ['GatePassed=True', 'Partial=True'],
    actions: [promotes],
  },
  {
    title: '[7] nor is the edit of anything else that the judge has nothing to do with another attempt',
    scene: () => after(partial({}, unavailable), (scene) => scene.edit({ batchSize: 64, historyLimit: 3 })),
    says: 'ready Evaluated',
    phase: 'Ready',
    conditions: ['GatePassed=True', 'Partial=True'],
  },
  {
    title: '[18] what had no room in the result is told with the report that has it',
    scene: () =>
      after(running(), ({ pods }) => {
        const result = evaluateResult('report');
        pods.succeeded({ ...result, summary: { ...result.summary, leftOut: ['benchmarks', 'serving'] } });
      }),
    says: 'ready Evaluated',
    phase: 'Ready',
    conditions: ['GatePassed=True', 'Shortened=True'],
    actions: [promotes],
  },
  {
    title: '[7] a budget that was used up is not spent once more for an edit of something else',
    scene: () =>
      after(partial({}, { reason: 'BudgetExhausted', message: 'judge.maxCost 2 is used up' }), (scene) =>
        scene.edit({ batchSize: 64 }),
      ),
    says: 'ready Evaluated',
    phase: 'Ready',
    conditions: ['GatePassed=True', 'Partial=True'],
  },
  {
    title: 'more samples evaluate again, and the results say that they are older',
    scene: () => after(done(), (scene) => scene.edit({ maxSamples: 128 })),
    says: 'progressing RunCreated',
    phase: 'Queued',
    conditions: ['GatePassed=True', 'Outdated=True'],
    actions: [...removesRun, ...createsRun],
  },
  {
    title: 'another batch size evaluates nothing',
    scene: () => after(done(), (scene) => scene.edit({ batchSize: 64 })),
    says: 'ready Evaluated',
    phase: 'Ready',
    conditions: ['GatePassed=True'],
  },
  {
    title: 'a newer adapter is evaluated',
    scene: () => after(done(), newAdapter),
    says: 'progressing RunCreated',
    phase: 'Queued',
    conditions: ['GatePassed=True', 'Outdated=True'],
    actions: [...removesRun, ...createsRun],
  },
  {
    title: 'a failure is told in the words of the evaluator',
    scene: () =>
      after(running(), ({ pods }) => pods.failed(12, 'BaseModelMismatch', 'the adapter is of another model')),
    says: 'stalled BaseModelMismatch',
    message: /failed: the adapter is of another model; /,
    phase: 'Failed',
    conditions: ['EvaluationFailed=True'],
  },
  {
    title: 'the results before a failure stay, and are still judged',
    scene: () =>
      after(done(kept), (scene) => {
        newAdapter(scene);
        scene.reconcile();
        scene.pods.running();
        scene.pods.failed(11, 'MissingSplit', 'dataset.splits names "recall", which has no rows');
        scene.reconcile();
      }),
    says: 'stalled MissingSplit',
    phase: 'Failed',
    conditions: ['GatePassed=True', 'Outdated=True', 'EvaluationFailed=True'],
  },
];

describe('an Evaluation', () => {
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

  it('the status has the figures, what they speak of, and the columns', () => {
    const adapter = trained(aFineTuneJob(), 'adapter').status;
    expect(done(kept).object.status).toMatchObject({
      subject: { adapterDigest: adapter?.artifact?.digest, datasetDigest: adapter?.lineage?.dataset.digest },
      headline: { recall: '25.0', delta: '+20.0', unseen: '+5.0%', gate: 'Passed' },
      gate: { passed: true, failedRules: [] },
      promoted: { artifact: { digest: adapter?.artifact?.digest }, since: '2026-11-22T12:00:00Z' },
    });
  });

  it.each<[string, () => Scene<Evaluation>, string, RegExp]>([
    [
      'a bound that is missed',
      () => done(broken),
      'RulesBroken',
      /at least 21 is asked: train on more or better rows, or change the bound in spec\.gate/,
    ],
    [
      'answers that are none',
      () => after(running(kept), ({ pods }) => pods.succeeded(evaluateResult('report', 20, 0.9))),
      'Degenerate',
      /spec\.maxDegenerate: read samples\.jsonl of the report, then train with a lower learningRate/,
    ],
    [
      'a figure that is missing, which says by itself where it comes from',
      () => done(gate({ metric: 'winRate', min: '50' })),
      'RulesBroken',
      /winRate on recall is not measured: add spec\.judge with "Pairwise" in its asks[^:]*$/,
    ],
    ['an interval around a bound', () => done(open), 'Inconclusive', /at least 19 is asked: raise spec\.maxSamples$/],
    [
      'the same where the split has no more rows',
      () => done({ ...open, maxSamples: 100 }),
      'Inconclusive',
      /: "recall" has no more rows than the 64 that were asked: let the Dataset hold more back/,
    ],
  ])('[17] the gate says what to do about %s', (_, scene, reason, message) => {
    const one = scene();
    settle(one);
    const found = one.object.status?.conditions?.find(({ type }) => type === 'GatePassed');
    expect(found?.reason).toBe(reason);
    expect(found?.message).toMatch(message);
  });

  it.each([
    ['with a gate', kept],
    ['without one', {}],
  ])('[13] a pass %s says that degenerate answers were not looked for where none were written', (_, spec) => {
    const told = (degenerate: object | null, more: Spec = {}) => {
      const scene = running({ ...spec, ...more });
      const result = evaluateResult('report');
      scene.pods.succeeded({ ...result, summary: { ...result.summary, ...(degenerate ?? { degenerate }) } });
      settle(scene);
      return scene.object.status?.conditions?.find(({ type }) => type === 'GatePassed');
    };
    expect(told(null)).toMatchObject({
      status: 'True',
      message: expect.stringMatching(/not measured.*spec\.metrics$/) as string,
    });
    expect(told({})?.message).not.toMatch(/not measured/);
    expect(told(null, { maxDegenerate: '1' })?.message).not.toMatch(/not measured/);
  });

  it('an adapter that fails the gate leaves the promoted one in place', () => {
    const scene = done(kept);
    const before = scene.object.status?.promoted;
    newAdapter(scene);
    settle(scene);
    scene.pods.running();
    scene.pods.succeeded(evaluateResult('worse', 1));
    settle(scene);
    expect(scene.object.status).toMatchObject({ gate: { passed: false }, headline: { gate: 'Failed' } });
    expect(scene.object.status?.promoted).toEqual(before);
  });

  it('[7] the attempt after a corrected key completes the results, and starts no other', () => {
    const scene = partial(gate({ metric: 'graded', min: '50' }));
    const condition = () => scene.object.status?.conditions?.find(({ type }) => type === 'Partial');
    expect(condition()).toMatchObject({ reason: 'EndpointUnauthorized' });
    expect(condition()?.message).toMatch(
      /^the judge answered 10 of 24 questions.*judge\.openai\.apiKeySecretRef.*then ask again/,
    );
    const gatePassed = scene.object.status?.conditions?.find(({ type }) => type === 'GatePassed');
    expect(gatePassed).toMatchObject({ reason: 'Partial', message: expect.stringContaining(remedy) as string });
    scene.edit(correctedKey);
    settle(scene);
    scene.pods.running();
    scene.pods.succeeded(evaluateResult('whole'));
    settle(scene);
    expect(condition()).toBeUndefined();
    expect(scene.object.status?.judge).toBeUndefined();
    const run = scene.object.status?.run?.name;
    scene.edit({ batchSize: 64 });
    expect(settle(scene)).toEqual([]);
    expect(scene.object.status?.run?.name).toBe(run);
  });

  it('[7] a judge that is edited back and forth is asked again each time, and a gate meanwhile changes nothing', () => {
    const scene = partial();
    const runs = new Set([scene.object.status?.run?.name]);
    for (const spec of [correctedKey, withJudge, correctedKey, withJudge]) {
      scene.edit(spec);
      settle(scene);
      const { name } = scene.object.status?.run ?? {};
      expect(runs.has(name)).toBe(false);
      runs.add(name);
      scene.pods.running();
      scene.edit(gate({ minDelta: String(runs.size) }));
      settle(scene);
      expect(scene.object.status?.run?.name).toBe(name);
      scene.pods.succeeded(partialResult(unavailable));
      settle(scene);
      scene.edit(gate({ minDelta: '0' }));
      expect(settle(scene)).toEqual([]);
    }
  });

  it('[18] a shortened status names what it leaves out and the report, until a result is whole again', () => {
    const scene = running();
    const result = evaluateResult('report');
    scene.pods.succeeded({ ...result, summary: { ...result.summary, leftOut: ['benchmarks', 'serving'] } });
    settle(scene);
    const condition = () => scene.object.status?.conditions?.find(({ type }) => type === 'Shortened');
    const { uri } = scene.object.status?.report ?? {};
    expect(condition()?.message).toBe(
      `the result had no room for all of benchmarks and serving: report.json of ${uri} has all figures`,
    );
    scene.edit({ maxSamples: 8 });
    settle(scene);
    scene.pods.running();
    scene.pods.succeeded(evaluateResult('shorter'));
    settle(scene);
    expect([condition(), scene.object.status?.leftOut]).toEqual([undefined, undefined]);
  });

  it('a gate that is opened later promotes within one look, and looking again changes nothing', () => {
    const scene = done(broken);
    expect(scene.object.status?.promoted).toBeUndefined();
    scene.edit(kept);
    scene.world.wait(60);
    expect(scene.reconcile().actions.map(actionLine)).toEqual([promotes]);
    const { promoted } = scene.object.status ?? {};
    expect(promoted?.since).toBe('2026-11-22T12:01:00Z');
    scene.world.wait(60);
    scene.reconcile();
    expect(scene.object.status?.promoted).toEqual(promoted);
  });

  it('the base model of the adapter is compared with, also when the job names another one by now', () => {
    const scene = withAdapter();
    const job = trained(aFineTuneJob(), 'adapter');
    scene.world.put({ ...job, spec: { ...job.spec, baseModel: { builtIn: 'smollm2-135m' as const } } });
    scene.reconcile();
    expect(
      JSON.stringify(scene.world.all({ group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps' })),
    ).toContain(String.raw`\"builtIn\": \"tiny\"`);
  });
});
