import { formatOf } from '../classify.ts';
import type { Candidate } from '../source.ts';
import { git, remote, type GitSession } from './command.ts';
import type { TreeEntry } from './tree.ts';

/** Bytes of files held in memory at a time. */
const batchBytes = 64 * 1024 * 1024;

/** Read files from the object database; those of an unknown format or a too large one are not even asked for. */
export async function* readBlobs(
  session: GitSession,
  commit: string,
  entries: readonly TreeEntry[],
  maxBytes: number,
): AsyncGenerator<Candidate> {
  const wanted: TreeEntry[] = [];
  for (const entry of entries) {
    if (formatOf(entry.path) === undefined) yield { path: entry.path, skip: 'UnknownFormat' };
    else wanted.push(entry);
  }
  await fetchMissing(session, commit, wanted);
  const sizes = await readSizes(session, wanted);
  let batch: TreeEntry[] = [];
  let bytes = 0;
  for (const entry of wanted) {
    const size = sizes.get(entry.object) ?? 0;
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

const lines = (entries: readonly TreeEntry[]): string => entries.map((entry) => `${entry.object}\n`).join('');

/** After a partial fetch, all blobs in one request: git itself would ask for them one by one. */
async function fetchMissing(session: GitSession, commit: string, entries: readonly TreeEntry[]): Promise<void> {
  const listing = await git(session, [
    'rev-list',
    '--objects',
    '--no-object-names',
    '--missing=print',
    `${commit}^{tree}`,
  ]);
  const absent = new Set(
    listing
      .toString()
      .split('\n')
      .filter((line) => line.startsWith('?'))
      .map((line) => line.slice(1)),
  );
  const missing = entries.filter((entry) => absent.has(entry.object));
  if (missing.length === 0) return;
  const options = ['--quiet', '--no-tags', '--no-write-fetch-head', '--filter=blob:none', '--stdin'];
  await git(session, ['fetch', ...options, remote], lines(missing));
}

async function readSizes(session: GitSession, entries: readonly TreeEntry[]): Promise<Map<string, number>> {
  const output = await git(session, ['cat-file', '--batch-check=%(objectname) %(objectsize)'], lines(entries));
  const pairs = output.toString().trim().split('\n');
  return new Map(pairs.map((line) => [line.split(' ')[0] ?? '', Number(line.split(' ')[1])]));
}

/** Output of `cat-file --batch`: for each object a header line, its bytes and a line break. */
async function* readBatch(session: GitSession, entries: readonly TreeEntry[]): AsyncGenerator<Candidate> {
  if (entries.length === 0) return;
  const output = await git(session, ['cat-file', '--batch=%(objectsize)'], lines(entries));
  let at = 0;
  for (const { path } of entries) {
    const start = output.indexOf('\n', at) + 1;
    const end = start + Number(output.subarray(at, start - 1).toString());
    yield { path, content: output.subarray(start, end) };
    at = end + 1;
  }
}
