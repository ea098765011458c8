import { lstat, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { environment } from '../../contract/environment.ts';
import { licencesAbove } from '../documents/licence/licences.ts';
import { WorkerFailure } from '../shell/failure.ts';
import type { Selection } from './select.ts';
import type { Candidate, Source } from './source.ts';

/** A mounted ConfigMap or a folder of a claim. Its revision is its content. */
export async function readFolder(path: string, isSelected: Selection, maxBytes: number): Promise<Source> {
  const root = await realpath(path).catch((error: unknown) => {
    throw missing(path, 'does not exist', error);
  });
  if (isBelow(path, environment.files.path) && !isBelow(root, environment.files.path)) {
    throw missing(path, 'is a link that leaves the volume');
  }
  if (!(await stat(root)).isDirectory()) throw missing(path, 'is no folder');
  const all = await walk(root);
  const paths = all.filter(isSelected);
  const files = all.map((file) => ({ path: file }));
  const licences = await readLicences(root, licencesAbove(files, paths), maxBytes);
  return { revision: undefined, total: paths.length, licences, candidates: candidates(root, paths, maxBytes) };
}

async function readLicences(
  root: string,
  files: readonly { path: string }[],
  maxBytes: number,
): Promise<NonNullable<Source['licences']>> {
  const paths = files.map(({ path }) => path);
  const licences: { path: string; content: Buffer }[] = [];
  for await (const candidate of candidates(root, paths, maxBytes)) {
    if ('content' in candidate) licences.push(candidate);
  }
  return licences;
}

const isBelow = (path: string, folder: string): boolean => path === folder || path.startsWith(folder + sep);

function missing(path: string, what: string, cause?: unknown): WorkerFailure {
  const shown = isBelow(path, environment.files.path) ? relative(environment.files.path, path) : path;
  const message = `"${shown}" ${what}: change spec.files.claimRef.path to a folder of the claim`;
  return new WorkerFailure('source', 'PathNotFound', message, { cause });
}

async function* candidates(root: string, paths: readonly string[], maxBytes: number): AsyncGenerator<Candidate> {
  for (const path of paths) {
    const file = join(root, path);
    const found = await lstat(file);
    if (found.isSymbolicLink() && !(await isKubeletLink(root, file))) yield { path, skip: 'Symlink' };
    else {
      const { size } = await stat(file);
      if (size > maxBytes) yield { path, skip: 'TooLarge' };
      else yield { path, content: await readFile(file) };
    }
  }
}

/** Paths of files and links. `..data` and peers are the kubelet's own folders in a mounted ConfigMap. */
async function walk(root: string, below = ''): Promise<string[]> {
  const paths: string[] = [];
  for (const entry of await readdir(join(root, below), { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (below === '' && entry.name.startsWith('..')) continue;
    if (entry.isDirectory()) paths.push(...(await walk(root, path)));
    else if (entry.isFile() || entry.isSymbolicLink()) paths.push(path);
  }
  return paths.sort();
}

/** Each key of a mounted ConfigMap is a link `key -> ..data/key`: the only links that are followed. */
async function isKubeletLink(root: string, file: string): Promise<boolean> {
  const target = await realpath(file).catch(() => undefined);
  if (target === undefined || !target.startsWith(join(root, '..').replace(/\/?$/, '/'))) return false;
  const inner = relative(root, target).split(sep);
  return inner.length >= 2 && /^\.\.[^/]+$/.test(inner[0] ?? '') && (await stat(target)).isFile();
}
