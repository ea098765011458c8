import { execFileSync, spawn } from 'node:child_process';
import { createHash, timingSafeEqual } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2, { type AuthContext, type Connection, type ServerChannel } from 'ssh2';

/** A git server over ssh for tests: read-only, on the loopback, for the holder of one key. */
export interface SshServer {
  /** without a path: `ssh://git@127.0.0.1:<port>` */
  url: string;
  /** what a known_hosts file needs to hold */
  knownHosts: string;
  close(): void;
}

export interface KeyPair {
  private: string;
  public: string;
}

/** A key as people make them, by the program that comes with the client. */
export function makeKey(passphrase = ''): KeyPair {
  const path = join(mkdtempSync(join(tmpdir(), 'key-')), 'id');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-C', 'test', '-N', passphrase, '-f', path]);
  return { private: readFileSync(path, 'utf8'), public: readFileSync(`${path}.pub`, 'utf8') };
}

export async function listenSsh(options: { root: string; allowed: KeyPair; host?: KeyPair }): Promise<SshServer> {
  const host = options.host ?? makeKey();
  const server = new ssh2.Server({ hostKeys: [host.private] }, (connection) => serve(connection, options));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `ssh://git@127.0.0.1:${port}`,
    knownHosts: `[127.0.0.1]:${port} ${host.public.split(' ').slice(0, 2).join(' ')}\n`,
    close: () => void server.close(),
  };
}

function serve(connection: Connection, { root, allowed }: { root: string; allowed: KeyPair }): void {
  // a client that turns away in the middle is a case that is tested
  connection.on('error', () => undefined);
  connection.on('authentication', (context) => {
    if (isAllowed(context, allowed)) context.accept();
    else context.reject(['publickey']);
  });
  connection.on('session', (accept) => {
    const environment: NodeJS.ProcessEnv = { PATH: process.env['PATH'], HOME: root };
    const session = accept();
    session.on('env', (acceptVariable: (() => void) | undefined, _, { key, val }) => {
      if (key === 'GIT_PROTOCOL') environment['GIT_PROTOCOL'] = val;
      // there is none where the client wants no answer
      acceptVariable?.();
    });
    session.on('exec', (acceptCommand, reject, { command }) => {
      const [, path] = /^git-upload-pack '(\/[\w./-]+)'$/.exec(command) ?? [];
      if (path === undefined || path.includes('..')) reject();
      else upload(acceptCommand(), join(root, path), environment);
    });
  });
}

function isAllowed(context: AuthContext, allowed: KeyPair): boolean {
  if (context.method !== 'publickey') return false;
  const expected = ssh2.utils.parseKey(allowed.public);
  if (expected instanceof Error) throw expected;
  const digest = (data: Buffer): Buffer => createHash('sha256').update(data).digest();
  if (!timingSafeEqual(digest(context.key.data), digest(expected.getPublicSSH()))) return false;
  if (context.signature === undefined || context.blob === undefined) return true;
  return expected.verify(context.blob, context.signature, context.hashAlgo);
}

function upload(channel: ServerChannel, folder: string, environment: NodeJS.ProcessEnv): void {
  const end = (code: number): void => {
    channel.exit(code);
    channel.end();
  };
  if (!existsSync(folder)) {
    channel.stderr.write('ERROR: Repository not found.\n');
    end(1);
    return;
  }
  const child = spawn('git', ['-c', 'safe.directory=*', 'upload-pack', folder], { env: environment });
  channel.pipe(child.stdin).on('error', () => undefined);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  child.on('close', (code) => {
    end(code ?? 1);
  });
}
