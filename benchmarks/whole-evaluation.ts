/**
 * Trains on two documentations, evaluates both adapters as an Evaluation does, and writes docs/evaluation-example.md.
 * SETS (fastify,undici) changes what is run, IMAGE the trainer image whose libraries are used.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format } from 'prettier';
import { buildImages } from '../scripts/images/build.ts';
import { evaluation } from '../src/api/v1alpha1/index.ts';
import type { ArtifactRecord } from '../src/contract/artifact.ts';
import type { Success } from '../src/contract/result.ts';
import { evaluateInput } from '../src/reconcilers/evaluation/render.ts';
import { sets, type DocumentationSet } from './data/sets.ts';
import { apiVersion, builtIn, desiredRun, metadata, runWorker, trainOurs, type Workplace } from './learning/arms.ts';
import { runPython } from './learning/container.ts';
import { folderOf, makeLearningSet } from './learning/dataset.ts';
import { renderPage, type WholeFigures } from './whole-evaluation/page.ts';

const page = join(import.meta.dirname, '..', 'docs', 'evaluation-example.md');
const image = process.env['IMAGE'] ?? (await buildImages(['trainer'])).trainer;
const seed = 1;

/** What the operator would give the evaluator of an Evaluation with these fields. */
function inputOf({ set }: Workplace, adapter: ArtifactRecord): object {
  const spec = evaluation.spec.parse({ jobRef: { name: metadata.name } });
  const { uri, digest } = set.artifact;
  const subject = {
    adapter: { ...adapter, revision: '', lastUpdateTime: '' },
    lineage: {
      inputsHash: '',
      dataset: { name: metadata.name, uri, digest },
      baseModel: { builtIn },
    },
  } as const;
  const object = { apiVersion, kind: 'Evaluation', metadata, spec } as const;
  const input = evaluateInput(object, { ...desiredRun, stage: 'evaluate' }, subject);
  return { ...input, benchmarks: [{ name: 'libraries', path: '/data/general', maxItems: 400, digest: null }] };
}

async function measureSet(set: DocumentationSet): Promise<WholeFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-whole-'));
  const store = join(folder, 'store');
  try {
    await mkdir(store);
    await mkdir(join(folder, 'general'));
    await runPython(image, folder, ['/benchmarks/whole-evaluation/general_tasks.py', '/data/general']);
    const made = await makeLearningSet(set, store);
    const work = { image, folder, set: made };
    const { artifact, taken: training } = await trainOurs(work, seed);
    console.log(`${set.name}: trained in ${Math.round(training.seconds)} s`);
    const { result, taken: measuring } = await runWorker(work, 'evaluator', inputOf(work, artifact));
    console.log(`${set.name}: evaluated in ${Math.round(measuring.seconds)} s`);
    const { uri } = (result as Success<'evaluate'>).artifact;
    const report = await readFile(join(folderOf(store, uri), 'report.md'), 'utf8');
    return { set, made, training, measuring, report };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const figures: WholeFigures[] = [];
for (const name of (process.env['SETS'] ?? 'fastify,undici').split(',')) {
  const set = sets.find((one) => one.name === name);
  if (set === undefined) throw new Error(`SETS: there is no documentation set "${name}"`);
  figures.push(await measureSet(set));
}
const markdown = await format(renderPage(figures), { parser: 'markdown', printWidth: 120 });
await writeFile(page, markdown);
console.log(markdown);
