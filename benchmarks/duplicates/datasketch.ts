import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inCache } from '../../tests/cluster/machine/paths.ts';
import type { Found } from './ours.ts';

const run = promisify(execFile);
const version = '1.6.5';

/** Groups of `size` words or CJK characters, of the question or of question and answer. */
export async function measureDatasketch(
  file: string,
  part: 'question' | 'row',
  size: number,
  threshold: number,
): Promise<Found> {
  const program = join(import.meta.dirname, 'datasketch_rows.py');
  const options = [program, file, part, String(size), String(threshold)];
  const { stdout } = await run(await python(), options, { maxBuffer: 1e9 });
  return JSON.parse(stdout) as Found;
}

/** A virtual environment in the cache. */
async function python(): Promise<string> {
  const folder = inCache('venvs', `datasketch-${version}`);
  const program = join(folder, 'bin', 'python');
  if ((await stat(join(folder, 'ready')).catch(() => undefined)) !== undefined) return program;
  await run('python3', ['-m', 'venv', '--clear', folder]);
  await run(program, ['-m', 'pip', 'install', '--quiet', `datasketch==${version}`]);
  await run('touch', [join(folder, 'ready')]);
  return program;
}
