import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fineTuneJob } from '../../src/api/v1alpha1/index.ts';
import { trainInputSchema } from '../../src/contract/inputs.ts';
import { parametersOf } from '../../src/reconcilers/fine-tune-job/parameters/resolve.ts';
import { runPython } from './container.ts';
import { folderOf, type LearningSet } from './dataset.ts';
import { holdsKeyTerms } from './key-terms.ts';

/** What a user writes; all else is as by default. Steps: what two idle cores do in 225 s, loading and saving included. */
export const written = { maxSteps: 120, learningRate: '1e-3', replay: '0.25' };
export const naiveSteps = 120;
const builtIn = 'smollm2-135m';

export interface Arm {
  name: 'base model' | 'naive loop' | 'doctune';
  seed: number | null;
  /** from the start of the container to its end: imports, loading, training, validation and saving */
  seconds: number | null;
  keyTerms: number;
  bleu: number;
  recallPerplexity: number;
  unseenPerplexity: number;
}

interface Workplace {
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
  const seconds = await runPython(work.image, work.folder, ['/benchmark/naive.py', ...args]);
  return { ...(await measure(work, 'naive loop', seed, join(out, 'adapter'))), seconds };
}

/** The trainer as its Job runs it, on the input that the operator would make of such a FineTuneJob. */
export async function measureOurs(work: Workplace, seed: number): Promise<Arm> {
  const spec = fineTuneJob.spec.parse({
    datasetRef: { name: 'learning' },
    baseModel: { builtIn },
    training: { ...written, seed },
  });
  const { uri, digest } = work.set.artifact;
  const run = { namespace: 'default', name: 'learning', id: `abcdef12${String(seed).padStart(8, '0')}` };
  const input = { version: 1, run, dataset: { uri, digest }, baseModel: { builtIn }, ...parametersOf(spec) };
  await writeFile(join(work.folder, 'input.json'), JSON.stringify(trainInputSchema.parse(input)));
  const files = { DOCTUNE_INPUT: 'input.json', DOCTUNE_RESULT: 'result.json', DOCTUNE_STORE: 'store' };
  const variables = Object.fromEntries(Object.entries(files).map(([name, file]) => [name, `/data/${file}`]));
  const seconds = await runPython(work.image, work.folder, ['-m', 'trainer'], variables);
  const result = JSON.parse(await readFile(join(work.folder, 'result.json'), 'utf8')) as { artifact: { uri: string } };
  const adapter = join(folderOf(join(work.folder, 'store'), result.artifact.uri), 'adapter');
  return { ...(await measure(work, 'doctune', seed, adapter)), seconds };
}

/** Ask the questions of the set and score its split "test". */
async function measure(work: Workplace, name: Arm['name'], seed: number | null, adapter: string | null): Promise<Arm> {
  const { folder, image, set } = work;
  await writeFile(join(folder, 'questions.json'), JSON.stringify(set.questions.map(({ id }) => id)));
  const places = [dataset(work), join(folder, 'questions.json'), join(folder, 'answers.json'), adapter ?? []].flat();
  await runPython(image, folder, ['/benchmark/answer.py', ...places.map((path) => inside(folder, path))]);
  const { answers, ...figures } = JSON.parse(await readFile(join(folder, 'answers.json'), 'utf8')) as Omit<
    Arm,
    'name' | 'seed' | 'seconds' | 'keyTerms'
  > & { answers: Record<string, string> };
  const held = set.questions.filter(({ id, terms }) => holdsKeyTerms(terms, answers[id] ?? ''));
  return { name, seed, seconds: null, keyTerms: held.length, ...figures };
}
