/**
 * Asks a small model by our evaluator and by lm-eval, and a judge by as many requests as it allows, and writes
 * docs/evaluation-benchmark.md. ITEMS (12), NEW_TOKENS (24), BATCH (4) and ROUNDS (3) change what is run, IMAGE the trainer image
 * whose libraries are used.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format } from 'prettier';
import { buildImages } from '../scripts/images/build.ts';
import { documentationItems } from './evaluation/items.ts';
import { reachesGoals, renderPage, type Concurrency, type Speed } from './evaluation/page.ts';
import { runPython } from './in-trainer/container.ts';

const page = join(import.meta.dirname, '..', 'docs', 'evaluation-benchmark.md');
const number = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise);
const sizes = { rounds: number('ROUNDS', 3), batch: number('BATCH', 4), newTokens: number('NEW_TOKENS', 24) };
const variables = { DOCTUNE_STORE: '/tmp/store' };
const image = process.env['IMAGE'] ?? (await buildImages(['trainer'])).trainer;
const folder = await mkdtemp(join(tmpdir(), 'bench-evaluation-'));

async function measured<Figures>(program: string, args: readonly (string | number)[]): Promise<Figures> {
  const command = [`/benchmarks/evaluation/${program}`, ...args.map(String)];
  const { seconds } = await runPython(image, folder, command, variables);
  const text = await readFile(join(folder, 'out.json'), 'utf8');
  console.log(`${program}: ${seconds.toFixed(0)} s: ${text}`);
  return JSON.parse(text) as Figures;
}

try {
  const items = await documentationItems(number('ITEMS', 12));
  await writeFile(join(folder, 'items.json'), JSON.stringify(items));
  const { rounds, batch, newTokens } = sizes;
  const judge = await measured<Concurrency>('concurrency.py', ['/data/out.json', 400, 8]);
  const speed = await measured<Speed>('speed.py', ['/data/items.json', '/data/out.json', rounds, batch, newTokens]);
  const markdown = await format(renderPage(speed, judge, sizes), { parser: 'markdown', printWidth: 120 });
  await writeFile(page, markdown);
  console.log(markdown);
  process.exitCode = reachesGoals(speed, judge) ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
