/**
 * Trains on two documentations, evaluates both adapters as an Evaluation does, and writes docs/evaluation-example.md.
 * SETS (fastify,undici) changes what is run, AT_ONCE (1) how many of them beside each other, each with one thread, IMAGE
 * the trainer image whose libraries are used.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pLimit from 'p-limit';
import { format } from 'prettier';
import { buildImages } from '../scripts/images/build.ts';
import type { EvaluateInput } from '../src/contract/inputs.ts';
import type { Success } from '../src/contract/result.ts';
import { setNamed, type DocumentationSet } from './data/sets.ts';
import { runPython } from './in-trainer/container.ts';
import { evaluateInputOf, runWorker } from './in-trainer/worker.ts';
import { trainOurs } from './learning/arms.ts';
import { folderOf, makeLearningSet } from './learning/dataset.ts';
import { renderPage, type WholeFigures } from './whole-evaluation/page.ts';

const page = join(import.meta.dirname, '..', 'docs', 'evaluation-example.md');
const image = process.env['IMAGE'] ?? (await buildImages(['trainer'])).trainer;
const seed = 1;
const commit = (await promisify(execFile)('git', ['rev-parse', '--short', 'HEAD'])).stdout.trim();
const benchmarks = [{ name: 'libraries', path: '/data/general', maxItems: 400, chatTemplate: false, digest: null }];

async function measureSet(set: DocumentationSet): Promise<WholeFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-whole-'));
  const store = join(folder, 'store');
  try {
    await mkdir(store);
    await mkdir(join(folder, 'general'));
    await runPython(image, folder, ['/benchmarks/whole-evaluation/general_tasks.py', '/data/general']);
    const made = await makeLearningSet(set, store);
    const { artifact, taken: training } = await trainOurs({ image, folder, set: made }, seed);
    console.log(`${set.name}: trained in ${Math.round(training.seconds)} s`);
    const input: EvaluateInput = { ...evaluateInputOf({}, artifact, made.artifact), benchmarks };
    const { result, taken: measuring } = await runWorker(image, folder, ['-m', 'evaluator'], input);
    console.log(`${set.name}: evaluated in ${Math.round(measuring.seconds)} s`);
    const { uri } = (result as Success<'evaluate'>).artifact;
    const report = await readFile(join(folderOf(store, uri), 'report.md'), 'utf8');
    return { set, made, training, measuring, report };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const turn = pLimit(Number(process.env['AT_ONCE'] ?? 1));
const names = (process.env['SETS'] ?? 'fastify,undici').split(',');
const figures = await Promise.all(names.map((name) => turn(() => measureSet(setNamed(name)))));
const markdown = await format(renderPage(figures, commit), { parser: 'markdown', printWidth: 120 });
await writeFile(page, markdown);
console.log(markdown);
