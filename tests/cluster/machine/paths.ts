import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Root of everything that is slow to make and safe to delete: binaries by version, Docker's data, base images. */
export function cacheRoot(): string {
  return process.env['DOCTUNE_CACHE'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'doctune');
}

/** Path below the cache, outside the work tree so that a fresh clone starts warm. */
export function inCache(...parts: string[]): string {
  return join(cacheRoot(), ...parts);
}

/** What this checkout's cluster needs while it runs: the kubeconfig and the record of changes to the machine. */
export const stateFolder = join(import.meta.dirname, '..', '.state');

/** Whether a path exists, be it file, folder or socket. */
export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
