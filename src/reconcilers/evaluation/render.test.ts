import { expect, it } from 'vitest';
import { manifests } from '../../../tests/builders/golden.ts';
import { aFineTuneJob, anEvaluation, settings, trained } from '../../../tests/builders/objects.ts';
import { evaluateInputSchema } from '../../contract/inputs.ts';
import { runSettings } from '../shared/run-settings.ts';
import { desiredRun } from '../shared/run.ts';
import { subjectOf } from './inputs.ts';
import { evaluateInput, evaluatorRun } from './render.ts';

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
