import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const requirements = join(import.meta.dirname, 'requirements.txt');

/** Install TRL into an empty folder, pinned by version and digest. What it needs is in the trainer image already. */
export async function installTrl(folder: string): Promise<void> {
  const options = ['--quiet', '--no-deps', '--require-hashes', '--no-compile', '--target', folder];
  await promisify(execFile)('python3', ['-m', 'pip', 'install', ...options, '--requirement', requirements]);
}
