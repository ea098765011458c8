import type { Candidate } from '../source.ts';
import { git, type GitSession } from './command.ts';
import { fetchMissing } from './missing.ts';
import type { TreeEntry } from './tree.ts';

/** Bytes of files held in memory at a time. */
const batchBytes = 64 * 1024 * 1024;

/** Read files from the object database; too large ones are not held, and not even fetched as far as that can be told. */
export async function* readBlobs(
  session: GitSession,
  commit: string,
  entries: readonly TreeEntry[],
  maxBytes: number,
): AsyncGenerator<Candidate> {
  if (entries.length === 0) return;
  const objects = entries.map(({ object }) => object);
  const huge = await fetchMissing(session, commit, objects, maxBytes);
  const sizes = await readSizes(
    session,
    objects.filter((object) => !huge.has(object)),
  );
  let batch: TreeEntry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = sizes.get(entry.object) ?? Infinity;
    if (size > maxBytes) {
      yield { path: entry.path, skip: 'TooLarge' };
      continue;
    }
    if (batch.length > 0 && bytes + size > batchBytes) {
      yield* readBatch(session, batch);
      [batch, bytes] = [[], 0];
    }
    batch.push(entry);
    bytes += size;
  }
  yield* readBatch(session, batch);
}

const lines = (objects: readonly string[]): string => objects.map((object) => `${object}\n`).join('');

async function readSizes(session: GitSession, objects: readonly string[]): Promise<Map<string, number>> {
  const output = await git(session, ['cat-file', '--batch-check=%(objectname) %(objectsize)'], lines(objects));
  const pairs = output.toString().trim().split('\n');
  return new Map(pairs.map((line) => [line.split(' ')[0] ?? '', Number(line.split(' ')[1])]));
}

/** Output of `cat-file --batch`: for each object a header line, its bytes and a line break. */
async function* readBatch(session: GitSession, entries: readonly TreeEntry[]): AsyncGenerator<Candidate> {
  if (entries.length === 0) return;
  const objects = entries.map(({ object }) => object);
  const output = await git(session, ['cat-file', '--batch=%(objectsize)'], lines(objects));
  let at = 0;
  for (const { path } of entries) {
    const start = output.indexOf('\n', at) + 1;
    const end = start + Number(output.subarray(at, start - 1).toString());
    yield { path, content: output.subarray(start, end) };
    at = end + 1;
  }
}
