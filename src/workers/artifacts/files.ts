import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { FileDigest } from '../../contract/artifact.ts';

/** Regular files below a folder, relative to it. Throws for anything else: an artifact holds no links and devices. */
export async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files: string[] = [];
  for (const entry of entries) {
    const path = relative(folder, join(entry.parentPath, entry.name));
    if (entry.isFile()) files.push(path);
    else if (!entry.isDirectory()) throw new Error(`"${path}" is no regular file`);
  }
  return files;
}

export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

export async function hashFiles(folder: string): Promise<(FileDigest & { bytes: number })[]> {
  const files: (FileDigest & { bytes: number })[] = [];
  for (const path of await listFiles(folder)) {
    const [sha256, { size }] = await Promise.all([hashFile(join(folder, path)), stat(join(folder, path))]);
    files.push({ path, sha256, bytes: size });
  }
  return files;
}
