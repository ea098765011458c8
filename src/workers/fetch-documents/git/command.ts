import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { buffer, text } from 'node:stream/consumers';

/** the one remote of a session's repository */
export const remote = 'origin';

export interface GitSession {
  /** bare repository in the scratch folder */
  folder: string;
  environment: NodeJS.ProcessEnv;
  signal: AbortSignal;
}

/** What git wrote to stderr when it failed. */
export class GitError extends Error {
  readonly stderr: string;

  constructor(stderr: string, options?: ErrorOptions) {
    super(telling(stderr), options);
    this.name = 'GitError';
    this.stderr = stderr;
  }
}

/** git ends with advice that says nothing about the cause. */
const advice = /^(Please make sure|and the repository exists|fatal: Could not read from remote|$)/;

function telling(stderr: string): string {
  const lines = stderr.trim().split('\n');
  return lines.findLast((line) => !advice.test(line.trim())) ?? lines.at(-1) ?? 'git failed';
}

const timeoutMs = 15 * 60 * 1000;

/** Run git without a shell. Returns stdout; throws a GitError when it fails or does not end in time. */
export async function git(session: GitSession, args: readonly string[], input = ''): Promise<Buffer> {
  const child = spawn('git', args, {
    cwd: session.folder,
    env: session.environment,
    signal: AbortSignal.any([session.signal, AbortSignal.timeout(timeoutMs)]),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // git may end before it has read all: its exit status tells, not the broken pipe
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const closed = once(child, 'close') as Promise<[number | null]>;
  const [stdout, stderr, end] = await Promise.allSettled([buffer(child.stdout), text(child.stderr), closed]);
  if (end.status === 'rejected') {
    session.signal.throwIfAborted();
    throw new GitError(`git ${args[0] ?? ''} timed out`, { cause: end.reason });
  }
  if (end.value[0] !== 0) throw new GitError(stderr.status === 'fulfilled' ? stderr.value : '');
  if (stdout.status === 'rejected') throw stdout.reason;
  return stdout.value;
}
