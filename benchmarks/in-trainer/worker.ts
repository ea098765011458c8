import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { evaluation, fineTuneJob, type Evaluation, type FineTuneJob } from '../../src/api/v1alpha1/index.ts';
import type { ArtifactRecord } from '../../src/contract/artifact.ts';
import {
  evaluateInputSchema,
  trainInputSchema,
  type EvaluateInput,
  type TrainInput,
} from '../../src/contract/inputs.ts';
import { evaluateInput } from '../../src/reconcilers/evaluation/render.ts';
import { trainInput } from '../../src/reconcilers/fine-tune-job/render.ts';
import type { DesiredRun } from '../../src/reconcilers/shared/run.ts';
import { runPython, type Taken } from './container.ts';

const name = 'benchmark';
const apiVersion = 'doctune.dev/v1alpha1';
const metadata = { name, namespace: 'default' };
const baseModel = { builtIn: 'smollm2-135m' } as const;
export const { builtIn } = baseModel;

/** Of the run with this number, of a Job that nothing but a benchmark starts. */
const desiredRun = (stage: DesiredRun['stage'], number: number): DesiredRun => ({
  ...{ name, id: `abcdef12${String(number).padStart(8, '0')}`, stage },
  ...{ inputsHash: '', generation: 1, requestedAt: undefined },
});
const lineageOf = ({ uri, digest }: ArtifactRecord) => ({
  ...{ inputsHash: '', dataset: { name, uri, digest }, baseModel },
});

/** What the operator would give the trainer of a FineTuneJob with these fields. Each number is a run of its own. */
export function trainInputOf(written: object, dataset: ArtifactRecord, number: number): TrainInput {
  const spec = fineTuneJob.spec.parse({ datasetRef: { name }, baseModel, ...written });
  const job: FineTuneJob = { apiVersion, kind: 'FineTuneJob', metadata, spec };
  return trainInputSchema.parse(trainInput(job, desiredRun('train', number), lineageOf(dataset)));
}

/** What the operator would give the evaluator of an Evaluation with these fields. */
export function evaluateInputOf(written: object, adapter: ArtifactRecord, dataset: ArtifactRecord): EvaluateInput {
  const spec = evaluation.spec.parse({ jobRef: { name }, ...written });
  const object: Evaluation = { apiVersion, kind: 'Evaluation', metadata, spec };
  const subject = { adapter: { ...adapter, revision: '', lastUpdateTime: '' }, lineage: lineageOf(dataset) };
  return evaluateInputSchema.parse(evaluateInput(object, desiredRun('evaluate', 1), subject));
}

/** A program on an input, in a folder in which `store/` lies, as a Job runs it; its result, and what it took. */
export async function runWorker(
  image: string,
  folder: string,
  program: readonly string[],
  input: object,
  more: Readonly<Record<string, string>> = {},
): Promise<{ result: unknown; taken: Taken }> {
  await writeFile(join(folder, 'input.json'), JSON.stringify(input));
  const files = { DOCTUNE_INPUT: 'input.json', DOCTUNE_RESULT: 'result.json', DOCTUNE_STORE: 'store' };
  const variables = Object.fromEntries(Object.entries(files).map(([variable, file]) => [variable, `/data/${file}`]));
  const taken = await runPython(image, folder, program, { ...variables, ...more });
  return { result: JSON.parse(await readFile(join(folder, 'result.json'), 'utf8')), taken };
}
