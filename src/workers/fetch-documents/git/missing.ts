import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { git, remote, type GitSession } from './command.ts';

/** objects asked for at a time */
const batchObjects = 512;
/** What a usual document takes in a pack, generously; a batch that needs much more holds a huge one. */
const bytesAnObject = 256 * 1024;
const lookEveryMs = 200;

/**
 * After a partial fetch, fetch the objects that are missing, in few requests: git itself would ask for them one by one.
 * Servers do not tell sizes beforehand, so a batch that grows too large is stopped and halved until the huge object is
 * alone. Returns those: they need more than `maxBytes` even compressed, and were not fetched.
 */
export async function fetchMissing(
  session: GitSession,
  commit: string,
  objects: readonly string[],
  maxBytes: number,
): Promise<Set<string>> {
  const absent = await listAbsent(session, commit);
  const missing = [...new Set(objects)].filter((object) => absent.has(object));
  const huge = new Set<string>();
  const fetchAll = async (batch: readonly string[]): Promise<void> => {
    if (batch.length === 0 || (await fetchWithin(session, batch, maxBytes + batch.length * bytesAnObject))) return;
    const [first] = batch;
    if (batch.length === 1 && first !== undefined) return void huge.add(first);
    const half = Math.ceil(batch.length / 2);
    await fetchAll(batch.slice(0, half));
    await fetchAll(batch.slice(half));
  };
  for (let at = 0; at < missing.length; at += batchObjects) await fetchAll(missing.slice(at, at + batchObjects));
  return huge;
}

async function listAbsent(session: GitSession, commit: string): Promise<Set<string>> {
  const options = ['--objects', '--no-object-names', '--missing=print'];
  const listing = await git(session, ['rev-list', ...options, `${commit}^{tree}`]);
  const absent = listing
    .toString()
    .split('\n')
    .filter((line) => line.startsWith('?'));
  return new Set(absent.map((line) => line.slice(1)));
}

/** Fetch objects unless the pack grows beyond so many bytes; tells whether they are there. */
async function fetchWithin(session: GitSession, objects: readonly string[], bytes: number): Promise<boolean> {
  const stop = new AbortController();
  const bounded = { ...session, signal: AbortSignal.any([session.signal, stop.signal]) };
  const packs = join(session.folder, 'objects', 'pack');
  const look = async (): Promise<void> => {
    if ((await unfinishedBytes(packs)) > bytes) stop.abort();
  };
  const timer = setInterval(() => void look().catch(() => undefined), lookEveryMs);
  const options = ['--quiet', '--no-tags', '--no-write-fetch-head', '--filter=blob:none', '--stdin'];
  try {
    await git(bounded, ['fetch', ...options, remote], objects.map((object) => `${object}\n`).join(''));
    return true;
  } catch (error) {
    if (!stop.signal.aborted || session.signal.aborted) throw error;
    await removeUnfinished(packs);
    return false;
  } finally {
    clearInterval(timer);
  }
}

/** what git has received of packs that are not complete */
const unfinished = async (packs: string): Promise<string[]> =>
  (await readdir(packs)).filter((name) => name.startsWith('tmp_')).map((name) => join(packs, name));

async function unfinishedBytes(packs: string): Promise<number> {
  const sizes = await Promise.all((await unfinished(packs)).map(async (path) => (await stat(path)).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function removeUnfinished(packs: string): Promise<void> {
  for (const path of await unfinished(packs)) await rm(path, { force: true });
}
