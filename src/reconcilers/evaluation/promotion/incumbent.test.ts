import { describe, expect, it } from 'vitest';
import { aDigest, aFineTuneJob, anEvaluation, settings, trained } from '../../../../tests/builders/objects.ts';
import { Scene, settle } from '../../../../tests/builders/plans.ts';
import { evaluateResult } from '../../../../tests/builders/pods.ts';
import type { Evaluation, GateRule } from '../../../api/v1alpha1/index.ts';
import type { EvaluationResult } from '../../../contract/evaluation-result.ts';
import type { Success } from '../../../contract/result.ts';
import { configMaps, jobs } from '../../../controller/kinds.ts';
import { judge } from '../gate.ts';
import { evaluationReconciler } from '../index.ts';

type Told = NonNullable<Success<'evaluate'>['summary']['incumbent']>;

const rule = { metric: 'bleu', split: 'recall', minDelta: '0', requireSignificant: true };
const gate = { rules: [rule] };
const better = 20;

const lost: EvaluationResult = ['bleu', 'recall', 0, 34.2, 25, -9.2, -12, -6, 64, 0.001, 'Worse'];
const told = (change: Partial<Told> = {}): Told => ({ compared: 2, worse: [], more: 0, problem: null, ...change });

const scene = (spec: object = {}): Scene<Evaluation> => {
  const made = new Scene<Evaluation>(evaluationReconciler(settings), anEvaluation({ gate, ...spec }));
  made.world.put({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'doctune-artifacts', namespace: 'docs', creationTimestamp: '2026-11-22T10:00:00Z' },
  });
  return made;
};

/** A newer adapter comes and is measured. Gives the adapter that the evaluator was asked to compare it with. */
function round(one: Scene<Evaluation>, adapter: string, incumbent: Told | null = told(), delta = better) {
  one.world.put(trained(aFineTuneJob(), adapter));
  settle(one);
  return measure(one, `report of ${adapter}`, incumbent, delta);
}

function measure(one: Scene<Evaluation>, report: string, incumbent: Told | null = told(), delta = better) {
  one.world.wait(60);
  const newest = one.world.all(jobs).at(-1)!;
  const input = one.world.get(configMaps, 'docs', newest.metadata.name)!.data!['input.json']!;
  const result = evaluateResult(report, delta);
  one.pods.running(newest);
  one.pods.succeeded({ ...result, summary: { ...result.summary, incumbent } }, newest);
  settle(one);
  return (JSON.parse(input) as { incumbent: { digest: string } | null }).incumbent?.digest;
}

const promotedOf = (one: Scene<Evaluation>): string | undefined => one.object.status?.promoted?.artifact.digest;
const conditionOf = (one: Scene<Evaluation>, type: string) =>
  one.object.status?.conditions?.find((condition) => condition.type === type);

const annotate = (one: Scene<Evaluation>, rollback: string): void => {
  const { object } = one;
  const annotations = { 'doctune.dev/rollback': rollback };
  one.world.put({ ...object, metadata: { ...object.metadata, annotations } });
  settle(one);
};

describe('[17] an adapter that is worse than the promoted one', () => {
  it('is kept back though it is better than the base, and the condition names both figures', () => {
    const one = scene();
    expect(round(one, 'a')).toBeUndefined();
    expect(round(one, 'b', told({ worse: [lost] }))).toBe(aDigest('a'));
    expect(promotedOf(one)).toBe(aDigest('a'));
    expect(conditionOf(one, 'GatePassed')).toMatchObject({ status: 'False', reason: 'WorseThanPromoted' });
    expect(conditionOf(one, 'GatePassed')?.message).toBe(
      'the gate keeps the adapter back: bleu on recall (default) is 25 where the promoted adapter has 34.2, ' +
        'a difference of -9.2 with the interval -12 to -6: the promoted adapter stays; train on more or better rows, ' +
        'or set gate.notWorseThanPromoted to false to promote it all the same',
    );
    const { incumbent, history, gate: judged } = one.object.status!;
    expect(incumbent).toMatchObject({ artifact: { digest: aDigest('a') }, compared: 2, worse: [{ base: '34.2' }] });
    expect(history?.[0]).toMatchObject({ verdict: 'Failed', promoted: false });
    expect(judged?.verdict).toBe('Failed');
  });

  it('is promoted, without another run, when nobody asks for the comparison any more', () => {
    const one = scene();
    round(one, 'a');
    round(one, 'b', told({ worse: [lost] }));
    const { resultsRun } = one.object.status!;
    one.edit({ gate: { ...gate, notWorseThanPromoted: false } });
    settle(one);
    expect(promotedOf(one)).toBe(aDigest('b'));
    expect(one.object.status?.resultsRun).toBe(resultsRun);
    // nor does the next one cost an answer more
    expect(round(one, 'c', null)).toBeUndefined();
    expect(promotedOf(one)).toBe(aDigest('c'));
  });

  it('is nothing that "previous" goes to, though a rollback leaves nothing to compare it with', () => {
    const one = scene();
    round(one, 'a');
    round(one, 'b');
    round(one, 'c', told({ worse: [lost] }));
    annotate(one, 'previous');
    expect(promotedOf(one)).toBe(aDigest('a'));
    expect(one.object.status?.history?.[0]).toMatchObject({ verdict: 'Passed', promoted: false });
    round(one, 'd');
    expect(promotedOf(one)).toBe(aDigest('d'));
    annotate(one, 'previous@2');
    expect(promotedOf(one)).toBe(aDigest('a'));
  });

  it('is no matter where nothing that the rules ask is worse', () => {
    const one = scene();
    round(one, 'a');
    const unasked: EvaluationResult = ['chrf', 'recall', 0, 30, 20, -10, -12, -8, 64, 0.001, 'Worse'];
    round(one, 'b', told({ worse: [unasked] }));
    expect(promotedOf(one)).toBe(aDigest('b'));
    expect(conditionOf(one, 'GatePassed')).toMatchObject({ status: 'True', reason: 'RulesKept' });
  });

  it('is not what it is called where the rules themselves are broken', () => {
    const one = scene();
    round(one, 'a');
    round(one, 'b', told({ worse: [lost] }), -20);
    expect(conditionOf(one, 'GatePassed')).toMatchObject({ status: 'False', reason: 'RulesBroken' });
    expect(conditionOf(one, 'GatePassed')?.message).toContain('where the promoted adapter has 34.2');
  });

  it('begins no test under traffic', () => {
    const queries = { requests: 'r{b="$backend"}', errors: 'e{b="$backend"}' };
    const abTest = { routeRef: { name: 'r' }, stable: 's', candidate: 'c', queries };
    const one = scene({ abTest });
    round(one, 'a');
    round(one, 'b', told({ worse: [lost] }));
    expect(one.object.status?.abTest).toBeUndefined();
  });
});

describe('[17] what an adapter is compared with', () => {
  it('is the one promoted when it is measured; to be promoted itself asks for no other run', () => {
    const one = scene();
    round(one, 'a');
    expect(round(one, 'b')).toBe(aDigest('a'));
    expect(promotedOf(one)).toBe(aDigest('b'));
    const { resultsRun } = one.object.status!;
    expect(settle(one)).toEqual([]);
    expect(one.object.status?.resultsRun).toBe(resultsRun);
    expect(conditionOf(one, 'Outdated')).toBeUndefined();
    // one that fails leaves it in place, so the next one meets it again
    expect(round(one, 'c', told(), -20)).toBe(aDigest('b'));
    expect(round(one, 'd')).toBe(aDigest('b'));
  });

  it('is after a rollback the one that somebody went back to, and what is held asks for no run', () => {
    const one = scene();
    round(one, 'a');
    round(one, 'b');
    const { resultsRun } = one.object.status!;
    annotate(one, 'previous');
    expect(promotedOf(one)).toBe(aDigest('a'));
    expect(one.object.status?.resultsRun).toBe(resultsRun);
    expect(conditionOf(one, 'Outdated')).toBeUndefined();
    expect(round(one, 'c')).toBe(aDigest('a'));
    expect(promotedOf(one)).toBe(aDigest('c'));
  });

  it('is another one, by a run of its own, when what is promoted moves while it is measured', () => {
    const one = scene();
    round(one, 'a');
    round(one, 'b');
    one.world.put(trained(aFineTuneJob(), 'c'));
    settle(one);
    annotate(one, 'previous');
    expect(measure(one, 'report of c')).toBe(aDigest('a'));
    expect(one.object.status?.incumbent?.artifact.digest).toBe(aDigest('a'));
    expect(promotedOf(one)).toBe(aDigest('c'));
  });

  it('is nothing without a gate', () => {
    const one = scene({ gate: undefined });
    round(one, 'a', null);
    expect(round(one, 'b', null)).toBeUndefined();
    expect(promotedOf(one)).toBe(aDigest('b'));
    expect(one.object.status?.incumbent).toBeUndefined();
  });
});

describe('[17] a comparison that cannot be made', () => {
  it.each<[string, Told | null, string, RegExp]>([
    [
      'as the evaluator says',
      told({ compared: 0, problem: { reason: 'NoCommonQuestions', message: 'no question is left: hold more back' } }),
      'NoCommonQuestions',
      /: no question is left: hold more back$/,
    ],
    ['by an evaluator that knows nothing of it', null, 'NotTold', /let operator and image be of the same version$/],
  ])(
    '%s leaves the rules to decide alone, and is told for as long as these results stand',
    (_, found, reason, text) => {
      const one = scene();
      round(one, 'a');
      round(one, 'b', found);
      expect(promotedOf(one)).toBe(aDigest('b'));
      settle(one);
      expect(conditionOf(one, 'NotCompared')).toMatchObject({ status: 'True', reason });
      expect(conditionOf(one, 'NotCompared')?.message).toMatch(text);
      round(one, 'c');
      expect(conditionOf(one, 'NotCompared')).toBeUndefined();
    },
  );

  it('by rules that a judge alone can answer is told', () => {
    const judged = { metric: 'winRate', split: 'recall', min: '50' };
    const one = scene();
    round(one, 'a');
    one.edit({ gate: { rules: [judged], notWorseThanPromoted: true } });
    round(one, 'b');
    expect(conditionOf(one, 'NotCompared')).toMatchObject({ status: 'True', reason: 'JudgedOnly' });
  });
});

describe('[17] how much worse is too much', () => {
  const judged = (change: Partial<GateRule>, worse: object, more?: number) => {
    const asked: GateRule = { metric: 'bleu', split: 'recall', requireSignificant: false, ...change };
    const figures = {
      base: '30',
      tuned: '25',
      delta: '-5',
      ci95: ['-7', '-3'],
      samples: 64,
      verdict: 'Worse' as const,
    };
    const row = { metric: asked.metric, split: asked.split, setting: 'default', ...figures };
    // the rule itself holds
    const own = { ...row, base: '5', tuned: '99', delta: '0', ci95: ['0', '0'] };
    const artifact = { uri: '', digest: '', revision: '', size: 1, lastUpdateTime: '' };
    const incumbent = { artifact, compared: 1, worse: [{ ...row, ...worse }], ...(more === undefined ? {} : { more }) };
    return judge({ maxDegenerate: '1', gate: { rules: [asked] } }, { results: [own], incumbent }).verdict;
  };
  const unseen = { metric: 'perplexity', split: 'test', maxDelta: '0.25' } as const;
  const kept = { metric: 'retention', split: 'general', min: '95' } as const;

  it.each<[string, Partial<GateRule>, object, string]>([
    ['any proven loss, where a gain is asked', { minDelta: '0' }, {}, 'Failed'],
    ['any proven loss, of a figure with a least value', { min: '10' }, {}, 'Failed'],
    ['not what the rule lets go', { minDelta: '-3' }, {}, 'Passed'],
    ['more than the rule lets go, for sure', { minDelta: '-2.9' }, {}, 'Failed'],
    ['not a growth that the rule lets go', unseen, { ci95: ['0.1', '0.4'] }, 'Passed'],
    ['a growth beyond the rule, for sure', unseen, { ci95: ['0.26', '0.4'] }, 'Failed'],
    ['not the share that may be forgotten', kept, { ci95: ['-7', '-4'] }, 'Passed'],
    ['more than that share, for sure', kept, { ci95: ['-9', '-6'] }, 'Failed'],
    ['not what another rule is about', { minDelta: '0' }, { split: 'test' }, 'Passed'],
    ['not another setting', { minDelta: '0', setting: 'default' }, { setting: 'long' }, 'Passed'],
  ])('%s', (_, change, worse, verdict) => {
    expect(judged(change, worse)).toBe(verdict);
  });

  it('and what the result had no room for counts', () => {
    expect(judged({ minDelta: '0' }, { split: 'test' }, 3)).toBe('Failed');
  });
});
