import { docker } from '../cluster/machine/docker.ts';
import { run } from '../cluster/machine/command.ts';

/** Run lines of Python in the trainer image, without a network, with a folder at /data. */
export async function runInTrainer(image: string, folder: string, lines: readonly string[]): Promise<string> {
  const { env } = await docker();
  const options = [
    '--rm',
    '--network',
    'none',
    '--volume',
    `${folder}:/data:ro`,
    '--user',
    '0',
    '--entrypoint',
    'python',
  ];
  return run('docker', ['run', ...options, image, '-c', lines.join('\n')], { env });
}
