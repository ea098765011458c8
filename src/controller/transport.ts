import { Agent } from 'undici';
import type { Dispatcher } from 'undici';
import type { Endpoint } from './credentials.ts';
import { ApiError } from './errors.ts';
import type { StatusBody } from './errors.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface RequestOptions {
  query?: Query;
  body?: unknown;
  contentType?: string;
  signal?: AbortSignal;
}

export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  object: unknown;
}

/** Talks to one API server. Every refusal is an `ApiError`. */
export interface Transport {
  request(method: Method, path: string, options?: RequestOptions): Promise<unknown>;
  /** Events in the batches in which they arrive; ends when the server ends the watch. */
  watch(path: string, query: Query, signal: AbortSignal): AsyncGenerator<WatchEvent[], void, undefined>;
  close(): Promise<void>;
}

/** Told of every answer: `code` is the HTTP status, or `<error>` when there was none. */
export type OnResponse = (method: Method, code: string) => void;

const connectTimeoutMs = 10_000;
const requestTimeoutMs = 30_000;

/**
 * HTTP/2 is off: one dead connection would poison all requests for minutes. Watches have a pool of their own, so that
 * they never use up the connections of the requests.
 */
function agents(endpoint: Endpoint) {
  const connect = { ...endpoint.tls, timeout: connectTimeoutMs, keepAlive: true };
  return {
    requests: new Agent({
      allowH2: false,
      connections: 16,
      headersTimeout: requestTimeoutMs,
      bodyTimeout: requestTimeoutMs,
      connect,
    }),
    // the reflector watches over silence itself
    watches: new Agent({ allowH2: false, headersTimeout: requestTimeoutMs, bodyTimeout: 0, connect }),
  };
}

function withQuery(path: string, query: Query | undefined): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) if (value !== undefined) parameters.set(name, String(value));
  return parameters.size === 0 ? path : `${path}?${parameters.toString()}`;
}

async function refusal(response: Dispatcher.ResponseData): Promise<ApiError> {
  const text = await response.body.text();
  const header = Number(response.headers['retry-after']);
  const retryAfter = Number.isFinite(header) && header > 0 ? header : undefined;
  return new ApiError(response.statusCode, parseStatus(text), retryAfter);
}

function parseStatus(text: string): StatusBody {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null) return body;
  } catch {
    // proxies in front of an API server answer in plain text
  }
  return text === '' ? {} : { message: text.slice(0, 500) };
}

/** Split a stream of JSON lines; characters may be cut by chunk borders. */
async function* eventsOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<WatchEvent[], void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    const events = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as WatchEvent);
    if (events.length > 0) yield events;
  }
}

export function createTransport(endpoint: Endpoint, onResponse: OnResponse = () => undefined): Transport {
  const { requests, watches } = agents(endpoint);

  async function send(agent: Agent, method: Method, path: string, options: RequestOptions) {
    const authorization = await endpoint.authorization();
    try {
      const response = await agent.request({
        origin: endpoint.server,
        path: withQuery(path, options.query),
        method,
        headers: {
          accept: 'application/json',
          'user-agent': 'doctune',
          ...(authorization === undefined ? {} : { authorization }),
          ...(options.body === undefined ? {} : { 'content-type': options.contentType ?? 'application/json' }),
        },
        body: options.body === undefined ? null : JSON.stringify(options.body),
        signal: options.signal ?? null,
      });
      onResponse(method, String(response.statusCode));
      if (response.statusCode >= 400) throw await refusal(response);
      return response;
    } catch (error) {
      if (!(error instanceof ApiError)) onResponse(method, '<error>');
      throw error;
    }
  }

  return {
    async request(method, path, options = {}) {
      const response = await send(requests, method, path, options);
      return response.body.json();
    },
    async *watch(path, query, signal) {
      const response = await send(watches, 'GET', path, { query: { ...query, watch: true }, signal });
      yield* eventsOf(response.body);
    },
    async close() {
      await Promise.all([requests.close(), watches.destroy()]);
    },
  };
}
