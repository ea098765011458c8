import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { artifactDigest, checksumFile, renderChecksums } from '../../contract/artifact.ts';
import { WorkerFailure } from '../shell/failure.ts';
import { hashFiles } from './files.ts';

/** Hash every file of an artifact. Throws a `data` failure when a byte, a file or the whole artifact is not as published. */
export async function verifyArtifact(folder: string, digest: string): Promise<void> {
  const checksums = await readFile(join(folder, checksumFile), 'utf8').catch((error: unknown) => {
    throw new WorkerFailure('data', 'ArtifactMissing', `artifact "${digest}" is not in the store: it was deleted`, {
      cause: error,
    });
  });
  if (artifactDigest(checksums) !== digest) throw mismatch(digest, checksumFile);
  const files = (await hashFiles(folder)).filter((file) => file.path !== checksumFile);
  if (renderChecksums(files) === checksums) return;
  const listed = new Set(checksums.split('\n'));
  const changed = files.find((file) => !listed.has(`${file.sha256}  ${file.path}`));
  throw mismatch(digest, changed?.path ?? 'a missing file');
}

const mismatch = (digest: string, path: string): WorkerFailure =>
  new WorkerFailure('data', 'DigestMismatch', `artifact "${digest}" was changed after it was published: "${path}"`);
