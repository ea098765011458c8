import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Answer {
  status: number;
  contentType?: string;
  body: string;
}

export type Route = () => Answer | Promise<Answer>;

export interface PlainServer {
  port: number;
  close(): Promise<void>;
}

/** Serve GET requests of a few fixed paths, without TLS: probes and scrapes within the cluster. */
export async function servePlain(port: number, routes: Readonly<Record<string, Route>>): Promise<PlainServer> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
    const answer = route === undefined ? { status: 404, body: 'not found\n' } : route();
    Promise.resolve(answer)
      .catch((): Answer => ({ status: 500, body: 'failed\n' }))
      .then(({ status, contentType = 'text/plain; charset=utf-8', body }) => {
        response.writeHead(status, { 'content-type': contentType }).end(body);
      })
      .catch(() => response.destroy());
  });
  server.requestTimeout = 10_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Checks by name: ready when all say yes. */
export type Checks = Readonly<Record<string, () => boolean>>;

/** `/healthz` answers while the event loop turns; `/readyz` names what is not ready yet. */
export function healthRoutes(checks: Checks): Record<string, Route> {
  return {
    '/healthz': () => ({ status: 200, body: 'ok\n' }),
    '/readyz': () => {
      const failed = Object.entries(checks).filter(([, check]) => !check());
      if (failed.length === 0) return { status: 200, body: 'ok\n' };
      return { status: 503, body: failed.map(([name]) => `not ready: ${name}\n`).join('') };
    },
  };
}
