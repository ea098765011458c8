import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubectl } from '../../tests/cluster/index.ts';
import { run } from '../../tests/cluster/machine/command.ts';
import { portForward } from './port-forward.ts';

const program = join(import.meta.dirname, '../../tests/git-server/index.ts');
const manifest = join(import.meta.dirname, 'git-server.yaml');

/** Start the git server in a namespace, or find it running; it answers at `http://git-server/<name>.git` there. */
export async function startGitServer(namespace: string, image: string): Promise<void> {
  const create = [
    'create',
    'configmap',
    'git-server',
    `--from-file=git-server.mts=${program}`,
    '--dry-run=client',
    '-o',
    'yaml',
  ];
  await kubectl(['-n', namespace, 'apply', '-f', '-'], { input: await kubectl(create) });
  const objects = (await readFile(manifest, 'utf8')).replace('OPERATOR_IMAGE', image);
  await kubectl(['-n', namespace, 'apply', '-f', '-'], { input: objects });
  await kubectl(['-n', namespace, 'rollout', 'status', 'deployment/git-server', '--timeout=120s']);
}

export interface WorkTree extends AsyncDisposable {
  folder: string;
  /** Commit all that changed in the folder and push it; gives the commit. The same content again is no new commit. */
  push(message: string): Promise<string>;
}

const identity = {
  GIT_AUTHOR_NAME: 'documents',
  GIT_AUTHOR_EMAIL: 'documents@example.com',
  GIT_COMMITTER_NAME: 'documents',
  GIT_COMMITTER_EMAIL: 'documents@example.com',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
};

/**
 * A work tree of `repository` on the cluster's git server: what is there already, else a copy of the folder
 * `documents`. It is removed when disposed of.
 */
export async function workTree(namespace: string, repository: string, documents: string): Promise<WorkTree> {
  const folder = await mkdtemp(join(tmpdir(), 'doctune-documents-'));
  const git = (...args: string[]): Promise<string> =>
    run('git', args, { cwd: folder, env: { ...process.env, ...identity } });
  await git('init', '--quiet', '--initial-branch=main', '.');
  const withRemote = async <T>(work: (url: string) => Promise<T>): Promise<T> => {
    await using forward = await portForward(namespace, 'svc/git-server', 80);
    return await work(`http://127.0.0.1:${forward.port}/${repository}.git`);
  };
  await withRemote(async (url) => {
    const isEmpty = (await git('ls-remote', url).catch(() => '')).trim() === '';
    if (isEmpty) await cp(documents, folder, { recursive: true });
    else await git('pull', '--quiet', url, 'main');
  });
  return {
    folder,
    async push(message) {
      await git('add', '--all', '.');
      if ((await git('status', '--porcelain')).trim() !== '') {
        await git('commit', '--quiet', '--message', message);
        await withRemote((url) => git('push', '--quiet', url, 'main'));
      }
      return (await git('rev-parse', 'HEAD')).trim();
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}
