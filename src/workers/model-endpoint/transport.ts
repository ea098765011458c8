import { readFile } from 'node:fs/promises';
import { getCACertificates } from 'node:tls';
import { Agent, ProxyAgent, request, type Dispatcher } from 'undici';
import type { EndpointInput } from '../../contract/inputs.ts';
import { WorkerFailure } from '../shell/failure.ts';
import { readBody } from './body.ts';

export interface Transport {
  /**
   * For the client library: resolves when the whole answer is there, so that its timeout covers all of it. `onSent` is
   * called when the request goes out on a connection, and so not when none comes about.
   */
  fetch: (url: string | URL | Request, init: RequestInit | undefined, onSent: () => void) => Promise<Response>;
  close: () => Promise<void>;
}

const connectMs = 15_000;

const noting =
  (onSent: () => void): Dispatcher.DispatcherComposeInterceptor =>
  (dispatch) =>
  (options, handler) => {
    // each request has a handler of its own, which is told when there is a connection for it
    const start = handler.onRequestStart?.bind(handler);
    handler.onRequestStart = (...told) => {
      onSent();
      start?.(...told);
    };
    return dispatch(options, handler);
  };

/** Connections to one endpoint: its own certificates, its own proxy, no more of them than requests at a time. */
export async function openTransport(input: EndpointInput, field: string): Promise<Transport> {
  const dispatcher = await openDispatcher(input, field);
  return {
    async fetch(url, init = {}, onSent) {
      const { statusCode, headers, body } = await request(String(url instanceof Request ? url.url : url), {
        dispatcher: dispatcher.compose(noting(onSent)),
        method: 'POST',
        headers: Object.fromEntries(new Headers(init.headers)),
        // the client library sends text only
        body: init.body as string,
        signal: init.signal ?? null,
      }).catch((error: unknown) => {
        // a proxy that refuses makes undici abort, which the client library would take for its own timeout
        const isOwn = init.signal?.aborted === true || !(error instanceof Error) || error.name !== 'AbortError';
        throw isOwn ? error : new Error(error.message);
      });
      return await readBody(statusCode, headers, body, secretOf(init));
    },
    close: () => dispatcher.destroy(),
  };
}

/** what no answer may hand on to logs, whatever a server makes of the request */
const secretOf = (init: RequestInit): string | undefined =>
  new Headers(init.headers).get('authorization')?.replace(/^Bearer /, '');

async function openDispatcher({ caFile, proxy, concurrency }: EndpointInput, field: string): Promise<Dispatcher> {
  const ca = await readAuthorities(caFile, field);
  const tls = { ...(ca === undefined ? {} : { ca }), timeout: connectMs };
  const options = {
    connections: concurrency,
    // blank lines keep a connection alive for up to half an hour; the client's own timeout is the limit
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: tls,
  };
  if (proxy === undefined) return new Agent(options);
  return new ProxyAgent({ ...options, uri: proxy, requestTls: tls, proxyTls: tls });
}

/** The public authorities and those of the file. */
async function readAuthorities(path: string | undefined, field: string): Promise<string[] | undefined> {
  if (path === undefined) return undefined;
  const pem = await readFile(path, 'utf8').catch(() => '');
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) {
    const message = `the ConfigMap of ${field}.caConfigMapRef has no certificate in PEM form: correct name, key or value`;
    throw new WorkerFailure('config', 'BadCertificate', message);
  }
  return [...getCACertificates('default'), pem];
}
