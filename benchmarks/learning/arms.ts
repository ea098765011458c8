import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fineTuneJob } from '../../src/api/v1alpha1/index.ts';
import { trainInputSchema } from '../../src/contract/inputs.ts';
import type { Success } from '../../src/contract/result.ts';
import type { DesiredRun } from '../../src/reconcilers/shared/run.ts';
import { trainInput } from '../../src/reconcilers/fine-tune-job/render.ts';
import { runPython, type Taken } from './container.ts';
import { folderOf, type LearningSet } from './dataset.ts';
import { holdsKeyTerms } from './key-terms.ts';

const name = 'learning';
export const apiVersion = 'doctune.dev/v1alpha1';
export const metadata = { name, namespace: 'default' };
/** of a Job that nothing but this benchmark runs */
export const desiredRun: DesiredRun = {
  ...{ name, id: 'abcdef1200000001', stage: 'train', inputsHash: '', generation: 1, requestedAt: undefined },
};

/** What a user writes; all else is as by default. As many steps as 450 s of processor time allow: 225 s of two cores. */
export const written = {
  lora: { lastLayers: 15 },
  training: { maxSteps: 280, perDeviceBatchSize: 2, learningRate: '2e-3', skipKnown: '0.7', evalSteps: 140 },
};
export const naiveSteps = 120;
export const builtIn = 'smollm2-135m';

export interface Arm {
  name: 'base model' | 'naive loop' | 'doctune';
  seed: number | null;
  /** of imports, loading, training, validation and saving */
  taken: Taken | null;
  keyTerms: number;
  bleu: number;
  recallPerplexity: number;
  unseenPerplexity: number;
}

export interface Workplace {
  image: string;
  /** `store/` lies in it; it is `/data` in the container */
  folder: string;
  set: LearningSet;
}

const dataset = ({ folder, set }: Workplace): string => folderOf(join(folder, 'store'), set.artifact.uri);
const inside = (folder: string, path: string): string => path.replace(folder, '/data');

export const measureBase = (work: Workplace): Promise<Arm> => measure(work, 'base model', null, null);

export async function measureNaive(work: Workplace, seed: number): Promise<Arm> {
  const out = join(work.folder, `naive-${seed}`);
  await mkdir(out);
  const args = [inside(work.folder, dataset(work)), inside(work.folder, out), String(naiveSteps), String(seed)];
  const taken = await runPython(work.image, work.folder, ['/benchmarks/learning/naive.py', ...args]);
  return { ...(await measure(work, 'naive loop', seed, join(out, 'adapter'))), taken };
}

export async function measureOurs(work: Workplace, seed: number): Promise<Arm> {
  const { artifact, taken } = await trainOurs(work, seed);
  const adapter = join(folderOf(join(work.folder, 'store'), artifact.uri), 'adapter');
  return { ...(await measure(work, 'doctune', seed, adapter)), taken };
}

/** The trainer as its Job runs it, on the input that the operator would make of such a FineTuneJob. */
export async function trainOurs(
  work: Workplace,
  seed: number,
): Promise<Pick<Success<'train'>, 'artifact'> & { taken: Taken }> {
  const spec = fineTuneJob.spec.parse({
    datasetRef: { name },
    baseModel: { builtIn },
    ...written,
    training: { ...written.training, seed },
  });
  const { uri, digest } = work.set.artifact;
  const job = { apiVersion, kind: 'FineTuneJob', metadata, spec } as const;
  const lineage = { inputsHash: '', dataset: { name, uri, digest }, baseModel: { builtIn } } as const;
  const input = trainInput(job, { ...desiredRun, id: `abcdef12${String(seed).padStart(8, '0')}` }, lineage);
  const { result, taken } = await runWorker(work, 'trainer', trainInputSchema.parse(input));
  return { artifact: (result as Success<'train'>).artifact, taken };
}

/** A program of the image on an input, as its Job runs it; its result, and what it took. */
export async function runWorker(
  { image, folder }: Workplace,
  program: 'trainer' | 'evaluator',
  input: object,
): Promise<{ result: unknown; taken: Taken }> {
  await writeFile(join(folder, 'input.json'), JSON.stringify(input));
  const files = { DOCTUNE_INPUT: 'input.json', DOCTUNE_RESULT: 'result.json', DOCTUNE_STORE: 'store' };
  const variables = Object.fromEntries(Object.entries(files).map(([name, file]) => [name, `/data/${file}`]));
  const taken = await runPython(image, folder, ['-m', program], variables);
  return { result: JSON.parse(await readFile(join(folder, 'result.json'), 'utf8')), taken };
}

/** Ask the questions of the set and score its split "test". */
async function measure(work: Workplace, name: Arm['name'], seed: number | null, adapter: string | null): Promise<Arm> {
  const { folder, image, set } = work;
  await writeFile(join(folder, 'questions.json'), JSON.stringify(set.questions.map(({ id }) => id)));
  const places = [dataset(work), join(folder, 'questions.json'), join(folder, 'answers.json'), adapter ?? []].flat();
  await runPython(image, folder, ['/benchmarks/learning/answer.py', ...places.map((path) => inside(folder, path))]);
  const { answers, ...figures } = JSON.parse(await readFile(join(folder, 'answers.json'), 'utf8')) as Omit<
    Arm,
    'name' | 'seed' | 'taken' | 'keyTerms'
  > & { answers: Record<string, string> };
  const held = set.questions.filter(({ id, terms }) => holdsKeyTerms(terms, answers[id] ?? ''));
  return { name, seed, taken: null, keyTerms: held.length, ...figures };
}
