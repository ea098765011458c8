import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { callWorker } from '../../../../tests/builders/worker-process.ts';
import { createRepository } from '../../../../tests/git-server/index.ts';
import { makeRepository, runGit } from '../../../../tests/git-server/repository.ts';
import { listenSsh, makeKey, type SshServer } from '../../../../tests/git-server/ssh.ts';
import { exitCode } from '../../../contract/exit-codes.ts';
import { fetchDocuments } from '../fetch.ts';

// git and ssh are processes: a busy machine starts them slowly
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const root = mkdtempSync(join(tmpdir(), 'git-ssh-'));
const key = makeKey();
let server: SshServer;
let commit = '';

beforeAll(async () => {
  commit = makeRepository(join(root, 'work'), { 'docs/guide.md': '# Guide\n', 'src/index.ts': 'export {};\n' });
  mkdirSync(join(root, 'served', 'team'), { recursive: true });
  createRepository(join(root, 'served', 'team', 'docs.git'));
  runGit(join(root, 'work'), 'push', '--quiet', join(root, 'served', 'team', 'docs.git'), 'main');
  server = await listenSsh({ root: join(root, 'served'), allowed: key });
});
afterAll(() => {
  server.close();
});

function mountSecret(files: Record<string, string>): string {
  const folder = mkdtempSync(join(root, 'secret-'));
  // as the kubelet mounts it: readable by others, which ssh refuses for a key
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content, { mode: 0o644 });
  return folder;
}

function fetch(git: object) {
  const input = {
    version: 1,
    run: { namespace: 'default', name: 'docs', id: 'abcdef12' },
    source: { git: { url: `${server.url}/team/docs.git`, ref: {}, include: ['docs/**'], exclude: [], ...git } },
    limits: { maxDocumentBytes: 10_000, maxTotalBytes: 1_000_000, maxDocuments: 100 },
  };
  return callWorker('fetch-documents', fetchDocuments, input, join(root, 'store'));
}

test('[3] a repository is read over ssh with the key and the known hosts of the Secret', async () => {
  // as an editor on Windows may leave a key: without a last line break, and with carriage returns
  const identity = key.private.trim().replaceAll('\n', '\r\n');
  const { result, logs } = await fetch({ credentials: mountSecret({ identity, known_hosts: server.knownHosts }) });
  expect(result).toMatchObject({ exitCode: 0, summary: { revision: `main@sha1:${commit}`, documents: { total: 1 } } });
  expect(logs).not.toContain(key.private.split('\n')[1]);
});

describe('[3] what is wrong over ssh is told', () => {
  const secrets: Record<string, () => Record<string, string>> = {
    'another key': () => ({ identity: makeKey().private, known_hosts: server.knownHosts }),
    'a key with a passphrase': () => ({ identity: makeKey('hunter2').private, known_hosts: server.knownHosts }),
    'a key cut off': () => ({ identity: key.private.slice(0, 120), known_hosts: server.knownHosts }),
    'a host that is not known': () => ({ identity: key.private, known_hosts: 'github.com ssh-ed25519 AAAA\n' }),
    'a host with another key': () => {
      const [host = ''] = server.knownHosts.split(' ');
      return { identity: key.private, known_hosts: `${host} ${makeKey().public}\n` };
    },
    'no known hosts': () => ({ identity: key.private }),
    'a password instead of a key': () => ({ username: 'git', password: 'x' }),
  };

  test.each([
    ['another key', 'AuthenticationFailed', '"identity"'],
    ['a key with a passphrase', 'IdentityUnreadable', 'without a passphrase'],
    ['a key cut off', 'IdentityUnreadable', '"identity"'],
    ['a host that is not known', 'HostKeyUnknown', 'ssh-keyscan'],
    ['a host with another key', 'HostKeyMismatch', '"known_hosts"'],
    ['no known hosts', 'HostKeyUnknown', 'lacks "known_hosts"'],
    ['a password instead of a key', 'AuthenticationFailed', 'lacks "identity"'],
  ])('%s', async (name, reason, told) => {
    const { result, exitCode: code } = await fetch({ credentials: mountSecret(secrets[name]!()) });
    expect(result).toMatchObject({ reason });
    expect(result?.message).toContain(told);
    expect(result?.message).toContain('spec.git.secretRef');
    expect(code).toBe(exitCode('credentials'));
  });

  test('no Secret, no repository and no server', async () => {
    expect(await fetch({})).toMatchObject({
      exitCode: exitCode('credentials'),
      result: { reason: 'AuthenticationFailed' },
    });
    const credentials = mountSecret({ identity: key.private, known_hosts: server.knownHosts });
    expect(await fetch({ credentials, url: `${server.url}/team/none.git` })).toMatchObject({
      exitCode: exitCode('source'),
      result: { reason: 'RepositoryNotFound' },
    });
    expect(await fetch({ credentials, url: 'ssh://git@127.0.0.1:1/team/docs.git' })).toMatchObject({
      exitCode: exitCode('unavailable'),
      result: {
        reason: 'SourceUnreachable',
        message: expect.stringContaining('Connection refused') as string,
      },
    });
  });
});
