import type { FetchInput } from '../../../contract/inputs.ts';
import { WorkerFailure } from '../../shell/failure.ts';
import type { Selection } from '../select.ts';
import type { Candidate, Source } from '../source.ts';
import { readBlobs } from './blobs.ts';
import { git, GitError, remote, type GitSession } from './command.ts';
import { asSourceFailure } from './errors.ts';
import { parseRemoteRefs, resolveRef, type Resolved } from './ref.ts';
import { openSession, parseUrl } from './session.ts';
import { listTree, type TreeEntry } from './tree.ts';

type GitSource = Extract<FetchInput['source'], { git: unknown }>['git'];
interface Options {
  scratch: string;
  signal: AbortSignal;
  maxDocumentBytes: number;
}

/**
 * The selected files of one commit. Nothing is checked out: blobs are read from the object database, so no hook,
 * filter, attribute or link of the repository can act here.
 */
export async function readRepository(source: GitSource, isSelected: Selection, options: Options): Promise<Source> {
  const url = parseUrl(source.url);
  const session = await openSession(url, source.credentials, options.scratch, options.signal);
  try {
    // added by configuration, not by argument of each call: a lazy fetch must know the remote
    await git(session, ['remote', 'add', '--', remote, url.href]);
    const { commit, name } = await fetchCommit(session, source.ref);
    const { entries, skipped } = await listTree(session, commit, isSelected);
    const candidates = read(session, commit, entries, skipped, source, options);
    const algorithm = commit.length === 40 ? 'sha1' : 'sha256';
    return { revision: `${name === undefined ? '' : `${name}@`}${algorithm}:${commit}`, candidates };
  } catch (error) {
    throw asSourceFailure(error, source.credentials !== undefined);
  }
}

async function* read(
  session: GitSession,
  commit: string,
  entries: readonly TreeEntry[],
  skipped: readonly Candidate[],
  source: GitSource,
  options: Options,
): AsyncGenerator<Candidate> {
  yield* skipped;
  try {
    yield* readBlobs(session, commit, entries, options.maxDocumentBytes);
  } catch (error) {
    throw asSourceFailure(error, source.credentials !== undefined);
  }
}

async function fetchCommit(session: GitSession, ref: GitSource['ref']): Promise<Resolved> {
  const listing = await git(session, ['ls-remote', '--symref', remote]);
  const resolved = resolveRef(ref, parseRemoteRefs(listing.toString()));
  if (resolved !== undefined) {
    await fetch(session, ['--depth=1', '--filter=blob:none', remote, resolved.commit]).catch(async (error: unknown) => {
      if (!isRefusedCommit(error)) throw error;
      // an old server serves only what a ref names, and the ref may have moved since it was listed
      await fetch(session, ['--filter=blob:none', remote, ...allRefs]);
    });
    return { ...resolved, commit: await parseCommit(session, resolved.commit) };
  }
  return { commit: await fetchBareCommit(session, ref.commit ?? ''), name: undefined };
}

const allRefs = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'];
const fetch = (session: GitSession, args: readonly string[]): Promise<Buffer> =>
  git(session, ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', ...args]);

/** A full name can be asked for by itself; a short one, and servers that refuse, need the whole history without its files. */
async function fetchBareCommit(session: GitSession, commit: string): Promise<string> {
  if (!/^[0-9a-f]{7,64}$/i.test(commit)) throw commitNotFound(commit);
  try {
    if (commit.length < 40) throw new GitError('short name');
    await fetch(session, ['--depth=1', '--filter=blob:none', remote, commit]);
  } catch (error) {
    if (commit.length >= 40 && !isRefusedCommit(error)) throw error;
    await fetch(session, ['--filter=blob:none', remote, ...allRefs]);
  }
  return parseCommit(session, commit).catch(() => {
    throw commitNotFound(commit);
  });
}

const isRefusedCommit = (error: unknown): boolean =>
  error instanceof GitError &&
  /not our ref|unadvertised object|couldn't find remote ref|bad object|remote error: upload-pack/.test(error.stderr);

async function parseCommit(session: GitSession, name: string): Promise<string> {
  const output = await git(session, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]);
  return output.toString().trim();
}

const commitNotFound = (commit: string): WorkerFailure =>
  new WorkerFailure(
    'source',
    'RefNotFound',
    `spec.git.ref.commit "${commit}" is not in the repository: give a commit of one of its branches`,
  );
