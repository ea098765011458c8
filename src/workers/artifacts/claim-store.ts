import { randomUUID } from 'node:crypto';
import { cp, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { artifactDigest, checksumFile, renderChecksums, type ArtifactInput } from '../../contract/artifact.ts';
import { storeClaim } from '../../contract/environment.ts';
import { WorkerFailure } from '../shell/failure.ts';
import { hashFiles, listFiles } from './files.ts';
import type { ArtifactStore } from './store.ts';
import { verifyArtifact } from './verify.ts';

const uriPattern = new RegExp(`^pvc://${storeClaim}/(artifacts/[a-z]+/([0-9a-f]{64}))$`);
/** what a killed worker left behind is nobody's any more after this time */
const staleAfterMs = 24 * 60 * 60 * 1000;

/** The store on a mounted claim. Artifacts appear by one rename, so a reader sees a whole one or none. */
export function createClaimStore(root: string): ArtifactStore {
  return {
    async put(folder, kind) {
      await removeStale(join(root, 'tmp'));
      const staged = join(root, 'tmp', randomUUID());
      try {
        await cp(folder, staged, { recursive: true });
        const files = await hashFiles(staged);
        const checksums = renderChecksums(files);
        await writeFile(join(staged, checksumFile), checksums);
        await syncTree(staged);
        const digest = artifactDigest(checksums);
        const path = join('artifacts', kind, digest.slice('sha256:'.length));
        await publish(staged, join(root, path), digest);
        const size = files.reduce((sum, file) => sum + file.bytes, 0);
        return { uri: `pvc://${storeClaim}/${path}`, digest, size };
      } finally {
        await rm(staged, { recursive: true, force: true });
      }
    },
    async get(artifact) {
      const folder = join(root, pathOf(artifact));
      await verifyArtifact(folder, artifact.digest);
      return folder;
    },
    async cache(name) {
      const folder = join(root, 'cache', name);
      await mkdir(folder, { recursive: true });
      return folder;
    },
  };
}

function pathOf({ uri, digest }: ArtifactInput): string {
  const [, path, hex] = uriPattern.exec(uri) ?? [];
  if (path === undefined) {
    throw new WorkerFailure('config', 'UnknownStore', `artifact uri "${uri}" is not one of claim "${storeClaim}"`);
  }
  if (`sha256:${hex ?? ''}` !== digest) {
    throw new WorkerFailure('data', 'DigestMismatch', `artifact "${uri}" does not have the digest "${digest}"`);
  }
  return path;
}

async function publish(staged: string, target: string, digest: string): Promise<void> {
  await mkdir(join(target, '..'), { recursive: true });
  const isThere = await verifyArtifact(target, digest).then(
    () => true,
    () => false,
  );
  if (isThere) return;
  // damaged by somebody: the same digest stands for the same bytes, so it may be replaced
  await rm(target, { recursive: true, force: true });
  try {
    await rename(staged, target);
  } catch (error) {
    // another worker with the same content was faster
    await verifyArtifact(target, digest).catch(() => {
      throw error;
    });
  }
  await sync(join(target, '..'));
}

async function sync(path: string): Promise<void> {
  const handle = await open(path);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncTree(folder: string): Promise<void> {
  for (const path of await listFiles(folder)) await sync(join(folder, path));
  await sync(folder);
}

async function removeStale(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) {
    const entry = await stat(join(folder, name)).catch(() => undefined);
    if (entry !== undefined && Date.now() - entry.mtimeMs > staleAfterMs) {
      await rm(join(folder, name), { recursive: true, force: true });
    }
  }
}
