import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { docker } from '../../tests/cluster/machine/docker.ts';

const run = promisify(execFile);
const trainer = join(import.meta.dirname, '../../images/trainer');
const times = 'processor.json';

/** From the start of the container to its end; of the processor, whatever else the machine had to do. */
export interface Taken {
  seconds: number;
  processorSeconds: number;
}

/** Run Python of the trainer image on the code of this repository, without network, and give what it took. */
export async function runPython(
  image: string,
  folder: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<Taken> {
  const { env } = await docker();
  const start = performance.now();
  await run(
    'docker',
    [
      ...['run', '--rm', '--read-only', '--tmpfs', '/tmp', '--network', 'none', '--cap-drop', 'ALL'],
      // so that what it writes belongs to the user of this program
      ...['--user', `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`],
      ...['--volume', `${trainer}:/opt/doctune:ro`, '--volume', `${join(import.meta.dirname, '..')}:/benchmarks:ro`],
      ...['--volume', `${folder}:/data`],
      // threads that wait for each other count as time of the processor
      ...['--env', 'OMP_NUM_THREADS=1'],
      ...Object.entries(variables).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
      ...[image, '/benchmarks/in-trainer/timed.py', `/data/${times}`, ...args],
    ],
    { env, maxBuffer: 1e8 },
  );
  const seconds = (performance.now() - start) / 1000;
  const { processorSeconds } = JSON.parse(await readFile(join(folder, times), 'utf8')) as Taken;
  return { seconds, processorSeconds };
}
