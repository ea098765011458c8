import { describe, expect, it } from 'vitest';
import { manifests } from '../../../tests/builders/golden.ts';
import { aFineTuneJob, anEvaluation, settings, trained } from '../../../tests/builders/objects.ts';
import { evaluateInputSchema } from '../../contract/inputs.ts';
import { runSettings } from '../shared/run-settings.ts';
import { desiredRun } from '../shared/run.ts';
import { inputsHash, missingJob, otherJobs, subjectOf } from './inputs.ts';
import { evaluateInput, evaluatorRun, hints } from './render.ts';

const evaluation = anEvaluation();
const run = desiredRun(evaluation, 'evaluate', 'f'.repeat(64));
const subject = subjectOf(trained(aFineTuneJob(), 'adapter'))!;

it('an evaluation is the job in testdata', async () => {
  const worker = evaluatorRun(evaluation, run, subject, runSettings(settings));
  await expect(manifests(worker)).toMatchFileSnapshot('testdata/evaluation.yaml');
});

it('an evaluation has an input that keeps the contract', () => {
  expect(evaluateInputSchema.safeParse(evaluateInput(evaluation, run, subject)).error).toBeUndefined();
});

describe('models beside the tuned one', () => {
  const other = trained(aFineTuneJob(), 'other');
  const asked = anEvaluation({
    metrics: ['bleu'],
    baselineRef: { name: 'before' },
    candidates: [
      { name: 'early', checkpoint: '20' },
      { name: 'newest', jobRef: { name: 'other' }, checkpoint: 'Last' },
      { name: 'small', export: 'gguf-q4_0' },
    ],
  });
  const jobs = { before: trained(aFineTuneJob(), 'before'), other };
  const compared = subjectOf(trained(aFineTuneJob(), 'adapter'), asked, jobs)!;

  it('[evaluation 1] each has its artifact, its rows and its base in the input', () => {
    const input = evaluateInput(asked, run, compared);
    expect(evaluateInputSchema.safeParse(input).error).toBeUndefined();
    expect(input.baseline?.adapter.digest).toBe(jobs.before.status?.artifact?.digest);
    expect(input.candidates.map(({ name, checkpoint, export: form }) => [name, checkpoint?.step, form])).toEqual([
      ['early', '20', null],
      ['newest', 'last', null],
      ['small', undefined, 'gguf-q4_0'],
    ]);
    expect(input.candidates[1]?.adapter.digest).toBe(other.status?.artifact?.digest);
  });

  it('[evaluation 1] a job that has no model yet is waited for, and its model decides the hash', () => {
    expect(subjectOf(trained(aFineTuneJob(), 'adapter'), asked, { before: jobs.before })).toBeUndefined();
    expect(missingJob(asked, { before: jobs.before })).toBe('other');
    expect(otherJobs(asked.spec)).toEqual(['before', 'other']);
    const changed = subjectOf(trained(aFineTuneJob(), 'adapter'), asked, { ...jobs, other: jobs.before })!;
    expect(inputsHash(asked, changed)).not.toBe(inputsHash(asked, compared));
  });

  it('claims of different models have places of their own', () => {
    const onClaim = (name: string) => {
      const job = trained(aFineTuneJob(), name);
      job.status!.lineage!.baseModel = { claimRef: { name } };
      return job;
    };
    const subjects = subjectOf(onClaim('one'), asked, { before: onClaim('one'), other: onClaim('two') })!;
    const { mounts } = evaluatorRun(asked, run, subjects, runSettings(settings));
    expect(mounts.map((mount) => ('claim' in mount ? [mount.claim, mount.at] : mount))).toEqual([
      ['one', '/models/claim'],
      ['two', '/models/claim-1'],
    ]);
  });
});

describe('benchmarks', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const asked = anEvaluation({
    benchmarks: [
      { name: 'mmlu', claimRef: { name: 'tasks', path: 'mmlu' }, digest },
      { name: 'small', configMapRef: { name: 'small-tasks' }, maxItems: 20, chatTemplate: true },
    ],
  });

  it('[evaluation 2] each is mounted where the input says, and its digest is asked for', () => {
    const input = evaluateInput(asked, run, subject);
    expect(evaluateInputSchema.safeParse(input).error).toBeUndefined();
    expect(input.benchmarks.map((one) => [one.name, one.maxItems, one.chatTemplate, one.digest])).toEqual([
      ['mmlu', 400, false, digest],
      ['small', 20, true, null],
    ]);
    const [mmlu, small] = input.benchmarks;
    const { mounts } = evaluatorRun(asked, run, subject, runSettings(settings));
    expect(mounts).toContainEqual({ claim: 'tasks', path: 'mmlu', at: mmlu?.path });
    expect(mounts).toContainEqual({ configMap: 'small-tasks', at: small?.path });
    expect(inputsHash(asked, subject)).not.toBe(inputsHash(anEvaluation(), subject));
  });
});

describe('people and a server', () => {
  const asked = anEvaluation({
    people: { sample: 20, verdictsRef: { name: 'filled' } },
    serving: { openai: { baseURL: 'https://vllm.example/v1', model: 'handbook' }, baseModel: 'plain' },
  });

  it('[evaluation 11] [evaluation 12] are in the input, with what is mounted and reached for them', () => {
    const input = evaluateInput(asked, run, subject);
    expect(evaluateInputSchema.safeParse(input).error).toBeUndefined();
    expect(input.serving).toMatchObject({ baseModel: 'plain', concurrency: [1, 4, 16], requests: 32 });
    const worker = evaluatorRun(asked, run, subject, runSettings(settings));
    expect(worker.mounts).toContainEqual({ configMap: 'filled', at: input.people?.verdicts });
    expect(worker.reach).toContain('https://vllm.example/v1');
  });

  it('[evaluation 11] of a local server nothing is reached, and its price is a number', () => {
    const serving = { local: { startTimeout: '1h30m' }, pricePerHour: '2.5', requests: 8 };
    const input = evaluateInput(anEvaluation({ serving }), run, subject);
    expect(evaluateInputSchema.safeParse(input).error).toBeUndefined();
    expect(input.serving).toEqual({
      local: { maxTokens: 128, startTimeoutSeconds: 5400 },
      ...{ concurrency: [1, 4, 16], requests: 8, pricePerHour: 2.5 },
    });
    const worker = evaluatorRun(anEvaluation({ serving }), run, subject, runSettings(settings));
    expect(worker.reach).toEqual(evaluatorRun(anEvaluation(), run, subject, runSettings(settings)).reach);
  });
});

it('[evaluation 10] the declared variables of an experiment are in the input', () => {
  const asked = anEvaluation({ experiment: { variables: ['training.learningRate'] } });
  const input = evaluateInput(asked, run, subject);
  expect(evaluateInputSchema.safeParse(input).error).toBeUndefined();
  expect(input.experiment).toEqual({ variables: ['training.learningRate'] });
  expect(inputsHash(asked, subject)).not.toBe(inputsHash(anEvaluation(), subject));
});

describe('a judge', () => {
  const openai = {
    baseURL: 'https://judge.example/v1',
    model: 'judge-1',
    apiKeySecretRef: { name: 'judge-key' },
    prices: { input: '1', output: '2' },
  };
  const judge = { openai, votes: 3, calibrationRef: { name: 'labels' }, maxCost: '2.5' };
  const judged = anEvaluation({ judge });

  it('[evaluation 7] is in the input, its key and labels are mounted, and its address may be reached', () => {
    const input = evaluateInput(judged, run, subject);
    expect(evaluateInputSchema.safeParse(input).error).toBeUndefined();
    expect(input.judge).toMatchObject({ votes: 3, maxCost: 2.5, asks: ['Pairwise', 'Graded'] });
    // the last of them has to make do with what was judged
    expect(input.judge?.attempts).toEqual({ job: '1/', most: judged.spec.backoffLimit + 1 });
    const worker = evaluatorRun(judged, run, subject, runSettings(settings));
    expect(worker.reach).toContain('https://judge.example/v1');
    expect(worker.mounts).toContainEqual({ secret: 'judge-key', keys: ['api-key'] });
    expect(worker.mounts).toContainEqual({ configMap: 'labels', at: input.judge?.calibration });
    expect(hints(judged, subject).mounts).toContain(
      'secret "judge-key" with the key "api-key" (spec.judge.openai.apiKeySecretRef)',
    );
  });

  it('[evaluation 7] its model decides the results, its key and pace do not', () => {
    const hash = (changes: object) =>
      inputsHash(anEvaluation({ judge: { ...judge, openai: { ...openai, ...changes } } }), subject);
    expect(hash({ concurrency: 9, apiKeySecretRef: { name: 'other' } })).toBe(hash({}));
    expect(hash({ model: 'judge-2' })).not.toBe(hash({}));
    expect(inputsHash(anEvaluation(), subject)).not.toBe(hash({}));
  });
});
