/**
 * Lets a small language model learn real documents, beside a plain loop, and writes docs/learning-benchmark.md.
 * SETS (fastify) and SEEDS (1,2,3) change what is run, IMAGE the trainer image whose libraries are used.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format } from 'prettier';
import { buildImages } from '../scripts/images/build.ts';
import { sets, type DocumentationSet } from './data/sets.ts';
import { measureBase, measureNaive, measureOurs, type Arm } from './learning/arms.ts';
import { makeLearningSet, numberOfQuestions } from './learning/dataset.ts';
import { reachesGoal, renderPage, type LearningFigures } from './learning/page.ts';

const page = join(import.meta.dirname, '..', 'docs', 'learning-benchmark.md');
const listed = (name: string, otherwise: string): string[] => (process.env[name] ?? otherwise).split(',');
const seeds = listed('SEEDS', '1,2,3').map(Number);
const image = process.env['IMAGE'] ?? (await buildImages(['trainer'])).trainer;

async function measureSet(set: DocumentationSet): Promise<LearningFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-learning-'));
  try {
    await mkdir(join(folder, 'store'));
    const made = await makeLearningSet(set, join(folder, 'store'));
    if (made.questions.length < numberOfQuestions)
      throw new Error(`${set.name}: only ${made.questions.length} questions have key terms`);
    const work = { image, folder, set: made };
    const arms: Arm[] = [];
    const add = async (arm: Promise<Arm>): Promise<void> => {
      arms.push(await arm);
      console.log(`${set.name}: ${JSON.stringify(arms.at(-1))}`);
    };
    await add(measureBase(work));
    for (const seed of seeds) await add(measureNaive(work, seed));
    for (const seed of seeds) await add(measureOurs(work, seed));
    return { set, made, arms };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const figures: LearningFigures[] = [];
for (const name of listed('SETS', 'fastify')) {
  const set = sets.find((one) => one.name === name);
  if (set === undefined) throw new Error(`SETS: there is no documentation set "${name}"`);
  figures.push(await measureSet(set));
}
const tried = await readFile(join(import.meta.dirname, 'learning', 'tried.md'), 'utf8');
const markdown = await format(renderPage(figures, tried), { parser: 'markdown', printWidth: 120 });
await writeFile(page, markdown);
console.log(markdown);
const isReached = figures.every(({ arms: [base, ...others] }) =>
  others.every((arm) => arm.name !== 'doctune' || (base !== undefined && reachesGoal(arm, base))),
);
process.exitCode = isReached ? 0 : 1;
