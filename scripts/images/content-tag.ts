import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exists } from '../../tests/cluster/machine/paths.ts';
import { run } from '../../tests/cluster/machine/command.ts';

/** Tag that changes exactly when one of its parts does: 12 hexadecimal digits. */
export function contentTag(parts: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256');
  // lengths keep ("ab", "c") apart from ("a", "bc")
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest('hex').slice(0, 12);
}

/** Names and contents of a build context's files, sorted by name. `files` are relative to `folder`. */
export async function fileParts(folder: string, files: readonly string[]): Promise<(string | Buffer)[]> {
  const parts: (string | Buffer)[] = [];
  for (const file of files.toSorted()) parts.push(file, await readFile(join(folder, file)));
  return parts;
}

/** Files of a folder that git does not ignore, less those that its .dockerignore keeps out of the build. */
export async function contextFiles(folder: string): Promise<string[]> {
  const list = async (args: readonly string[]): Promise<string[]> =>
    (await run('git', ['ls-files', '-z', ...args], { cwd: folder })).split('\0').filter((file) => file !== '');
  const ignoreFile = join(folder, '.dockerignore');
  const files = new Set(await list(['--cached', '--others', '--exclude-standard']));
  if (await exists(ignoreFile))
    for (const kind of ['--cached', '--others'])
      for (const file of await list([kind, '--ignored', `--exclude-from=${ignoreFile}`])) files.delete(file);
  const present = await Promise.all(
    [...files].map(async (file) => ((await exists(join(folder, file))) ? file : undefined)),
  );
  return present.filter((file) => file !== undefined);
}
