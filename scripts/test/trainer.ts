/**
 * `npm run test:trainer`: the Python tests inside the trainer image, under the restrictions of a pod: no network, another
 * user than root, a read-only root. The OCI registry of the CNCF is in it for tests. More arguments go to pytest; a file named by --junitxml is written on this machine.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binaries } from '../../tests/cluster/binaries.ts';
import { docker } from '../../tests/cluster/machine/docker.ts';
import { buildImages } from '../images/build.ts';

const junit = '--junitxml=';
/** a process a core, each with a gigabyte; tests of a file share what they have trained */
const atOnce = ['--numprocesses=auto', '--maxprocesses=4', '--dist=loadfile', '--durations=25'];
const restrictions = ['--read-only', '--tmpfs', '/tmp', '--network', 'none', '--cap-drop', 'ALL'];

const reports = await mkdtemp(join(tmpdir(), 'doctune-pytest-'));
// the container's user is nobody on this machine
await chmod(reports, 0o777);
try {
  const { trainer } = await buildImages(['trainer']);
  const { registry } = await binaries(['registry']);
  const { env } = await docker();
  const asked = process.argv.slice(2);
  const report = asked.find((argument) => argument.startsWith(junit))?.slice(junit.length);
  const others = asked.filter((argument) => !argument.startsWith(junit));
  const pytest = ['-m', 'pytest', ...atOnce, `${junit}/reports/junit.xml`, ...others];
  const mounts = [`${reports}:/reports`, `${registry}:/opt/registry:ro`].flatMap((volume) => ['--volume', volume]);
  process.exitCode = await exitCode('docker', ['run', '--rm', ...restrictions, ...mounts, trainer, ...pytest], env);
  const written = join(reports, 'junit.xml');
  // there is none when the container was killed, as the exit code says; a copy would belong to the container's user
  if (report !== undefined && existsSync(written)) await writeFile(report, await readFile(written));
} finally {
  await rm(reports, { recursive: true });
}

function exitCode(program: string, args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', reject);
    child.on('exit', (code) => {
      resolve(code ?? 1);
    });
  });
}
