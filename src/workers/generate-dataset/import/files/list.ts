import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { WorkerFailure } from '../../../shell/failure.ts';
import type { Fault } from '../conversation.ts';
import { isRowFile } from './read-file.ts';

export type ListedFile = { path: string; file: string } | { path: string; fault: Fault };

/** describes datasets to another program and holds no row */
const ignored = new Set(['dataset_info.json']);

/**
 * The files of a mounted ConfigMap or claim, sorted by path. A link is followed only within the folder: the keys of a
 * ConfigMap are links of that kind.
 */
export async function listRowFiles(path: string, field: string): Promise<ListedFile[]> {
  const root = await realpath(path).catch((error: unknown) => {
    const message = `${field} "${basename(path)}" does not exist: name a folder or a file of rows`;
    throw new WorkerFailure('source', 'PathNotFound', message, { cause: error });
  });
  if ((await stat(root)).isFile()) return [checkFile(basename(root), root)];
  const files: ListedFile[] = [];
  for (const found of await walk(root)) {
    const file = await realpath(join(root, found)).catch(() => '');
    if (!file.startsWith(root + sep)) {
      files.push({ path: found, fault: { reason: 'LINK', detail: 'is a link that leaves the folder' } });
    } else if ((await stat(file)).isFile()) files.push(checkFile(found, join(root, found)));
  }
  return files.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
}

function checkFile(path: string, file: string): ListedFile {
  if (isRowFile(path)) return { path, file };
  return {
    path,
    fault: { reason: 'UNKNOWN_FILE', detail: 'is not named .jsonl, .json or .csv, or one of them with .gz' },
  };
}

/** Hidden files, and the kubelet's own `..data` and peers, are no rows. */
async function walk(root: string, below = ''): Promise<string[]> {
  const paths: string[] = [];
  for (const entry of await readdir(join(root, below), { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.name.startsWith('.') || ignored.has(entry.name)) continue;
    if (entry.isDirectory()) paths.push(...(await walk(root, path)));
    else if (entry.isFile() || entry.isSymbolicLink()) paths.push(path);
  }
  return paths;
}
