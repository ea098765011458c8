import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrainInput } from '../../src/contract/inputs.ts';
import type { Success } from '../../src/contract/result.ts';
import { runPython } from '../in-trainer/container.ts';
import { runWorker, trainInputOf } from '../in-trainer/worker.ts';
import { folderOf, type Rows } from '../learning/dataset.ts';

/** Beside these all is as by default. No look at validation rows and no checkpoint falls between two steps. */
export const written = { epochs: '1', learningRate: '2e-4', loggingSteps: 1, evalSteps: 1000 };

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

/** The same for both. Each round is a run of its own. */
const inputOf = ({ set }: Workplace, round: number): TrainInput => {
  const spec = {
    method: 'LoRA',
    training: written,
    checkpoint: { everySteps: 1000 },
    output: { samples: { prompts: 0 } },
  };
  return trainInputOf(spec, set.artifact, round);
};

export async function measureOurs(work: Workplace, round: number): Promise<Arm> {
  const { folder, image } = work;
  const program = [`${programs}/ours.py`, '/data/figures.json'];
  const { result } = await runWorker(image, folder, program, inputOf(work, round), {
    PYTHONPATH: paths,
  });
  return { name: 'doctune', round, ...(await figuresOf(folder)), phases: (result as Success<'train'>).summary.startup };
}

export async function measureTrl(work: Workplace, round: number): Promise<Arm> {
  const { folder, image, set } = work;
  await writeFile(join(folder, 'input.json'), JSON.stringify(inputOf(work, round)));
  const dataset = folderOf('/data/store', set.artifact.uri);
  const args = [`${programs}/plain_trl.py`, '/data/input.json', dataset, '/data/figures.json'];
  await runPython(image, folder, args, { PYTHONPATH: `${paths}:/data/packages` });
  return { name: 'TRL', round, ...(await figuresOf(folder)), phases: {} };
}
