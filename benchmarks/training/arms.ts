import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fineTuneJob } from '../../src/api/v1alpha1/index.ts';
import { trainInputSchema } from '../../src/contract/inputs.ts';
import type { Success } from '../../src/contract/result.ts';
import { parametersOf } from '../../src/reconcilers/fine-tune-job/parameters/resolve.ts';
import { runPython } from '../learning/container.ts';
import { folderOf, type Rows } from '../learning/dataset.ts';

/** Beside these all is as by default. No look at validation rows and no checkpoint falls between two steps. */
export const written = { epochs: '1', learningRate: '2e-4', loggingSteps: 1, evalSteps: 1000 };
export const builtIn = 'smollm2-135m';

/** Figures of one process; those of speed leave its first step out. */
export interface Figures {
  steps: number;
  /** trained, without padding; the other leaves out those of the first step */
  allTokens: number;
  tokens: number;
  seconds: number;
  processorSeconds: number;
  peakBytes: number;
  /** from the start of the process to the end of the first step */
  startSeconds: number;
}

export interface Arm extends Figures {
  name: 'doctune' | 'TRL';
  round: number;
  /** of doctune */
  phases: Success<'train'>['summary']['startup'];
}

export interface Workplace {
  image: string;
  /** `store/` and `packages/` lie in it; it is `/data` in the container */
  folder: string;
  set: Rows;
}

const programs = '/benchmarks/training';
const paths = `/opt/doctune:${programs}`;
const figuresOf = async (folder: string): Promise<Figures> =>
  JSON.parse(await readFile(join(folder, 'figures.json'), 'utf8')) as Figures;

/** The input that the operator would make of such a FineTuneJob. Each round is a run of its own. */
async function writeInput({ folder, set }: Workplace, round: number): Promise<void> {
  const spec = fineTuneJob.spec.parse({
    datasetRef: { name: 'training' },
    baseModel: { builtIn },
    method: 'LoRA',
    training: written,
    checkpoint: { everySteps: 1000 },
    output: { samples: { prompts: 0 } },
  });
  const { uri, digest } = set.artifact;
  const run = { namespace: 'default', name: 'training', id: `abcdef12${String(round).padStart(8, '0')}` };
  const inputs = {
    dataset: { uri, digest },
    baseModel: { builtIn },
    initAdapter: null,
    acceptLicense: false,
    oci: null,
  };
  const input = { version: 1, run, ...inputs, ...parametersOf(spec) };
  await writeFile(join(folder, 'input.json'), JSON.stringify(trainInputSchema.parse(input)));
}

export async function measureOurs(work: Workplace, round: number): Promise<Arm> {
  const { folder, image } = work;
  await writeInput(work, round);
  const files = { DOCTUNE_INPUT: 'input.json', DOCTUNE_RESULT: 'result.json', DOCTUNE_STORE: 'store' };
  const variables = Object.fromEntries(Object.entries(files).map(([name, file]) => [name, `/data/${file}`]));
  await runPython(image, folder, [`${programs}/ours.py`, '/data/figures.json'], { ...variables, PYTHONPATH: paths });
  const result = JSON.parse(await readFile(join(folder, 'result.json'), 'utf8')) as Success<'train'>;
  return { name: 'doctune', round, ...(await figuresOf(folder)), phases: result.summary.startup };
}

export async function measureTrl(work: Workplace, round: number): Promise<Arm> {
  const { folder, image, set } = work;
  await writeInput(work, round);
  const dataset = folderOf('/data/store', set.artifact.uri);
  const args = [`${programs}/plain_trl.py`, '/data/input.json', dataset, '/data/figures.json'];
  await runPython(image, folder, args, { PYTHONPATH: `${paths}:/data/packages` });
  return { name: 'TRL', round, ...(await figuresOf(folder)), phases: {} };
}
