import { WorkerFailure } from '../../shell/failure.ts';
import { git, GitError, remote, type GitSession } from './command.ts';
import { parseRemoteRefs, resolveRef, type RefSpec, type Resolved } from './ref.ts';

/** Resolve a ref and fetch its commit and trees, without files. */
export async function fetchCommit(session: GitSession, ref: RefSpec): Promise<Resolved> {
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

/** A full name can be asked for by itself; a short one, and servers that refuse, need the whole history without its files. */
export async function fetchBareCommit(session: GitSession, commit: string): Promise<string> {
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

const allRefs = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'];
const fetch = (session: GitSession, args: readonly string[]): Promise<Buffer> =>
  git(session, ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', ...args]);

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
