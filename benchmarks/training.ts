/**
 * Trains a small language model beside a plain script of TRL, by turns, and writes docs/training-benchmark.md.
 * IMAGE names the trainer image whose libraries are used, ROWS (80) how many rows are made.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format } from 'prettier';
import { buildImages } from '../scripts/images/build.ts';
import { setNamed } from './data/sets.ts';
import { makeRows } from './learning/dataset.ts';
import { measureOurs, measureTrl, type Arm } from './training/arms.ts';
import { leastRatio, ratios, renderPage } from './training/page.ts';
import { installTrl } from './training/trl.ts';

const page = join(import.meta.dirname, '..', 'docs', 'training-benchmark.md');
const image = process.env['IMAGE'] ?? (await buildImages(['trainer'])).trainer;
const rounds = [1, 2];

const set = setNamed('fastify');
const folder = await mkdtemp(join(tmpdir(), 'bench-training-'));
try {
  await mkdir(join(folder, 'store'));
  await installTrl(join(folder, 'packages'));
  const made = await makeRows(set, join(folder, 'store'), Number(process.env['ROWS'] ?? 80));
  const work = { image, folder, set: made };
  const arms: Arm[] = [];
  for (const round of rounds) {
    for (const measure of [measureOurs, measureTrl]) {
      arms.push(await measure(work, round));
      console.log(JSON.stringify(arms.at(-1)));
    }
  }
  const pinned = await readFile(join(import.meta.dirname, 'training', 'requirements.txt'), 'utf8');
  const trl = /^trl==(\S+)/m.exec(pinned)?.[1] ?? '';
  const markdown = await format(renderPage({ set, made, trl, arms }), { parser: 'markdown', printWidth: 120 });
  await writeFile(page, markdown);
  console.log(markdown);
  process.exitCode = ratios(arms).work >= leastRatio ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
