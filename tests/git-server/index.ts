/**
 * A git server over smart HTTP for tests and the demo: serves the bare repositories below a folder through
 * `git http-backend`. It has no access control but an optional password: never expose it beyond a test cluster.
 *
 * Environment of the program: GIT_ROOT (folder), PORT (8080), GIT_ALLOW_PUSH=true, GIT_CREATE=true (a first push
 * creates the repository), GIT_USERNAME and GIT_PASSWORD (basic authentication for every request).
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export interface GitServerOptions {
  root: string;
  canPush?: boolean;
  canCreate?: boolean;
  credentials?: { username: string; password: string };
}

const pathPattern =
  /^\/([A-Za-z0-9][A-Za-z0-9._-]*(?:\/[A-Za-z0-9][A-Za-z0-9._-]*)*?)\/(info\/refs|git-upload-pack|git-receive-pack)$/;

export function createGitServer(options: GitServerOptions): Server {
  return createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname === '/healthz') return void response.end('ok\n');
    if (!isAllowed(request, options)) {
      return void response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
    }
    const [, repository, service] = pathPattern.exec(url.pathname) ?? [];
    const isPush = service === 'git-receive-pack' || url.searchParams.get('service') === 'git-receive-pack';
    if (repository === undefined) return void response.writeHead(404).end();
    if (isPush && options.canPush !== true) return void response.writeHead(403).end();
    const folder = join(options.root, repository);
    if (isPush && options.canCreate === true && !existsSync(folder)) createRepository(folder);
    if (!existsSync(join(folder, 'HEAD'))) return void response.writeHead(404).end();
    serve(request, response, url, options);
  });
}

/** Make an empty bare repository that serves partial fetches and any commit. */
export function createRepository(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const run = (...args: string[]): void => void execFileSync('git', args, { cwd: folder, stdio: 'ignore' });
  run('init', '--quiet', '--bare', '--initial-branch=main', '.');
  run('config', 'uploadpack.allowFilter', 'true');
  run('config', 'uploadpack.allowAnySHA1InWant', 'true');
  run('config', 'http.receivepack', 'true');
}

function isAllowed(request: IncomingMessage, { credentials }: GitServerOptions): boolean {
  if (credentials === undefined) return true;
  const expected = Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64');
  return request.headers.authorization === `Basic ${expected}`;
}

/** Run `git http-backend` as CGI (RFC 3875). */
function serve(request: IncomingMessage, response: ServerResponse, url: URL, options: GitServerOptions): void {
  const child = spawn('git', ['http-backend'], { env: cgiEnvironment(request, url, options.root) });
  child.stdin.on('error', () => undefined);
  child.stderr.pipe(process.stderr, { end: false });
  request.pipe(child.stdin);
  response.on('close', () => child.kill());
  let head = Buffer.alloc(0);
  const onData = (chunk: Buffer): void => {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end === -1) return;
    child.stdout.off('data', onData);
    writeHead(response, head.subarray(0, end).toString());
    response.write(head.subarray(end + 4));
    child.stdout.pipe(response);
  };
  child.stdout.on('data', onData);
  child.on('error', () => response.writeHead(500).end());
  child.on('close', () => {
    if (!response.headersSent) response.writeHead(500).end();
  });
}

function writeHead(response: ServerResponse, text: string): void {
  let status = 200;
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    const [name, value] = [line.slice(0, colon), line.slice(colon + 1).trim()];
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
  response.writeHead(status);
}

function cgiEnvironment(request: IncomingMessage, url: URL, root: string): NodeJS.ProcessEnv {
  const header = (name: string): string => String(request.headers[name] ?? '');
  return {
    PATH: process.env['PATH'],
    HOME: root,
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: '1',
    // the folder may belong to another user than the server
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'safe.directory',
    GIT_CONFIG_VALUE_0: '*',
    REQUEST_METHOD: request.method,
    PATH_INFO: decodeURIComponent(url.pathname),
    QUERY_STRING: url.search.slice(1),
    CONTENT_TYPE: header('content-type'),
    HTTP_CONTENT_ENCODING: header('content-encoding'),
    GIT_PROTOCOL: header('git-protocol'),
    REMOTE_ADDR: request.socket.remoteAddress ?? '',
    REMOTE_USER: 'git',
    ...(request.headers['content-length'] === undefined ? {} : { CONTENT_LENGTH: header('content-length') }),
  };
}

/** Listen on a port of the loopback, or on all addresses; 0 takes a free port. */
export async function listen(
  server: Server,
  port = 0,
  host = '127.0.0.1',
): Promise<{ url: string; close: () => void }> {
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  const address = server.address() as AddressInfo;
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${address.port}`, close };
}

if (import.meta.main) {
  const {
    GIT_ROOT: root = '/srv/git',
    PORT: port = '8080',
    GIT_USERNAME: username,
    GIT_PASSWORD: password,
  } = process.env;
  const server = createGitServer({
    root,
    canPush: process.env['GIT_ALLOW_PUSH'] === 'true',
    canCreate: process.env['GIT_CREATE'] === 'true',
    ...(username === undefined || password === undefined ? {} : { credentials: { username, password } }),
  });
  await listen(server, Number(port), '0.0.0.0');
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0));
  console.log(`git server on port ${port}, repositories below ${root}`);
}
