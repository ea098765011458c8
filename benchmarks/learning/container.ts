import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { docker } from '../../tests/cluster/machine/docker.ts';

const run = promisify(execFile);
const trainer = join(import.meta.dirname, '../../images/trainer');

/** Run Python of the trainer image on the code of this repository, without network, and give the seconds it took. */
export async function runPython(
  image: string,
  folder: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<number> {
  const { env } = await docker();
  const start = performance.now();
  await run(
    'docker',
    [
      ...['run', '--rm', '--read-only', '--tmpfs', '/tmp', '--network', 'none', '--cap-drop', 'ALL'],
      // so that what it writes belongs to the user of this program
      ...['--user', `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`],
      ...['--volume', `${trainer}:/opt/doctune:ro`, '--volume', `${import.meta.dirname}:/benchmark:ro`],
      ...['--volume', `${folder}:/data`],
      ...Object.entries(variables).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
      ...[image, ...args],
    ],
    { env, maxBuffer: 1e8 },
  );
  return (performance.now() - start) / 1000;
}
