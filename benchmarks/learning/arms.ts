import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Success } from '../../src/contract/result.ts';
import { runPython, type Taken } from '../in-trainer/container.ts';
import { runWorker, trainInputOf } from '../in-trainer/worker.ts';
import { folderOf, type LearningSet } from './dataset.ts';
import { holdsKeyTerms } from './key-terms.ts';

/** What a user writes; all else is as by default. As many steps as 450 s of processor time allow: 225 s of two cores. */
export const written = {
  lora: { lastLayers: 15, plusRatio: '8' },
  training: { maxSteps: 300, perDeviceBatchSize: 2, evalSteps: 300 },
};
export const naiveSteps = 120;

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

/** The trainer as its Job runs it, on such a FineTuneJob. */
export async function trainOurs(
  { image, folder, set }: Workplace,
  seed: number,
): Promise<Pick<Success<'train'>, 'artifact'> & { taken: Taken }> {
  const spec = { ...written, training: { ...written.training, seed } };
  const input = trainInputOf(spec, set.artifact, seed);
  const { result, taken } = await runWorker(image, folder, ['-m', 'trainer'], input);
  return { artifact: (result as Success<'train'>).artifact, taken };
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
