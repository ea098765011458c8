/**
 * Lets a small language model learn real documents, beside a plain loop, and writes docs/learning-benchmark.md.
 * SETS (fastify) and SEEDS (1,2,3) change what is run, AT_ONCE (1) how many models are trained beside each other, each
 * with one thread, IMAGE the trainer image whose libraries are used.
 */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { format } from 'prettier';
import { buildImages } from '../scripts/images/build.ts';
import { setNamed, type DocumentationSet } from './data/sets.ts';
import { measureBase, measureNaive, measureOurs, type Arm, type Workplace } from './learning/arms.ts';
import { makeLearningSet, numberOfQuestions } from './learning/dataset.ts';
import { reachesGoal, renderPage, type LearningFigures } from './learning/page.ts';

const page = join(import.meta.dirname, '..', 'docs', 'learning-benchmark.md');
const listed = (name: string, otherwise: string): string[] => (process.env[name] ?? otherwise).split(',');
const atOnce = Number(process.env['AT_ONCE'] ?? 1);
const seeds = listed('SEEDS', '1,2,3').map(Number);
const image = process.env['IMAGE'] ?? (await buildImages(['trainer'])).trainer;

async function measureSet(set: DocumentationSet): Promise<LearningFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-learning-'));
  try {
    await mkdir(join(folder, 'store'));
    const made = await makeLearningSet(set, join(folder, 'store'));
    if (made.questions.length < numberOfQuestions)
      throw new Error(`${set.name}: only ${made.questions.length} questions have key terms`);
    const turn = pLimit(atOnce);
    const arm = (name: string, measure: (work: Workplace) => Promise<Arm>): Promise<Arm> =>
      turn(async () => {
        const own = join(folder, name);
        await cp(join(folder, 'store'), join(own, 'store'), { recursive: true });
        const figures = await measure({ image, folder: own, set: made });
        console.log(`${set.name}: ${JSON.stringify(figures)}`);
        return figures;
      });
    const arms = await Promise.all([
      arm('base', measureBase),
      ...seeds.map((seed) => arm(`naive-${seed}`, (work) => measureNaive(work, seed))),
      ...seeds.map((seed) => arm(`doctune-${seed}`, (work) => measureOurs(work, seed))),
    ]);
    return { set, made, arms };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const figures: LearningFigures[] = [];
for (const name of listed('SETS', 'fastify')) {
  figures.push(await measureSet(setNamed(name)));
}
const tried = await readFile(join(import.meta.dirname, 'learning', 'tried.md'), 'utf8');
const markdown = await format(renderPage(figures, tried), { parser: 'markdown', printWidth: 120 });
await writeFile(page, markdown);
console.log(markdown);
const isReached = figures.every(({ arms: [base, ...others] }) =>
  others.every((arm) => arm.name !== 'doctune' || (base !== undefined && reachesGoal(arm, base))),
);
process.exitCode = isReached ? 0 : 1;
