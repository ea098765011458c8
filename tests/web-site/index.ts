/**
 * A web site for tests: pages with an ETag, and addresses that misbehave. It writes down what it was asked for.
 *
 * As a program: PORT (8080) and ROOT, a folder whose files are the pages.
 */
import { createHash } from 'node:crypto';
import { createServer as createPlainServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

export interface Page {
  body?: string | Buffer;
  type?: string;
  status?: number;
  headers?: Record<string, string>;
  /** the first so many requests are answered with the status and headers above, the rest with 200 */
  times?: number;
  /** instead of all that */
  fault?: Fault;
}

/** what `answer` does with them is told there */
export const faults = ['huge', 'gzip-bomb', 'slow-head', 'slow-body', 'cut', 'garbage', 'endless-redirect'] as const;
export type Fault = (typeof faults)[number];

export interface Asked {
  path: string;
  status: number;
  isConditional: boolean;
  at: number;
}

export interface WebSite {
  server: Server;
  /** by path, with the query if there is one; may be changed at any time */
  pages: Record<string, Page | string>;
  log: Asked[];
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.xml': 'application/xml',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
};

export function createWebSite(pages: WebSite['pages'], tls?: { key: string; cert: string }): WebSite {
  const log: Asked[] = [];
  const counts = new Map<string, number>();
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const path = request.url ?? '/';
    const count = (counts.get(path) ?? 0) + 1;
    counts.set(path, count);
    const entry = { path, status: 0, isConditional: request.headers['if-none-match'] !== undefined, at: Date.now() };
    log.push(entry);
    response.on('close', () => (entry.status = response.statusCode));
    const found = pages[path];
    answer(request, response, typeof found === 'string' ? { body: found } : (found ?? { status: 404 }), count);
    entry.status = response.statusCode;
  };
  const server = tls === undefined ? createPlainServer(handle) : createTlsServer(tls, handle);
  return { server, pages, log };
}

function answer(request: IncomingMessage, response: ServerResponse, page: Page, count: number): void {
  if (page.fault !== undefined) {
    misbehave(request, response, page.fault);
    return;
  }
  const isOver = page.times !== undefined && count > page.times;
  const { body = '', status = 200, headers = {} } = isOver ? { body: page.body } : page;
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  const type = page.type ?? types[extname(path)] ?? 'text/html; charset=utf-8';
  const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"`;
  if (status === 200 && request.headers['if-none-match'] === etag) {
    response.writeHead(304, { etag }).end();
    return;
  }
  response.writeHead(status, { 'content-type': type, ...(status === 200 ? { etag } : {}), ...headers }).end(body);
}

const megabyte = Buffer.alloc(2 ** 20, 'x');

function misbehave(request: IncomingMessage, response: ServerResponse, fault: Fault): void {
  const type = { 'content-type': 'text/html' };
  switch (fault) {
    case 'huge':
      // without a length, and as far as anybody reads
      response.writeHead(200, type);
      pour(response, megabyte, 10 * 1024);
      return;
    case 'gzip-bomb':
      response.writeHead(200, { ...type, 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(64 * 2 ** 20)));
      return;
    case 'slow-head':
      return;
    case 'slow-body':
      drip(response.writeHead(200, type));
      return;
    case 'cut':
      response.writeHead(200, { ...type, 'content-length': '1000' }).write('<p>half');
      setTimeout(() => response.destroy(), 20);
      return;
    case 'garbage':
      request.socket.end('this is no HTTP\r\n\r\n');
      return;
    case 'endless-redirect':
      response
        .writeHead(302, { location: `/redirected?${String(Number((request.url ?? '').split('?')[1] ?? 0) + 1)}` })
        .end();
      return;
  }
}

function pour(response: ServerResponse, part: Buffer, times: number): void {
  if (times === 0) response.end();
  else {
    response.write(part, (error) => {
      if (!error) pour(response, part, times - 1);
    });
  }
}

/** A byte now and then keeps a connection busy for ever. */
function drip(response: ServerResponse): void {
  const timer = setInterval(() => response.write('<!-- -->'), 50);
  response.on('close', () => clearInterval(timer));
}

/** Listen on the loopback, or on all addresses; 0 takes a free port. */
export async function listen(
  server: Server,
  port = 0,
  host = '127.0.0.1',
): Promise<{ url: string; port: number; close: () => void }> {
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  const { port: taken } = server.address() as AddressInfo;
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${taken}`, port: taken, close };
}

/** The files of a folder by their address; "index.html" is also that of its folder. */
export function pagesOf(root: string): WebSite['pages'] {
  const pages: WebSite['pages'] = {};
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const address = `/${path.slice(root.length).replace(/^\/+/, '')}`;
    // a mounted ConfigMap has links into a folder of its own, "..data"
    if (address.startsWith('/..') || !statSync(path).isFile()) continue;
    const page = { body: readFileSync(path) };
    pages[encodeURI(address)] = page;
    if (entry.name === 'index.html') pages[encodeURI(address.slice(0, -'index.html'.length))] = page;
  }
  return pages;
}

if (import.meta.main) {
  const { PORT: port = '8080', ROOT: root = '/srv/www' } = process.env;
  await listen(createWebSite(pagesOf(root)).server, Number(port), '0.0.0.0');
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0));
  console.log(`web site on port ${port}, pages below ${root}`);
}
