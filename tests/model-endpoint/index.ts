/**
 * A model endpoint for tests: speaks the chat completions protocol, answers tasks as a good model would, and plays the
 * faults of real providers by name (faults.ts).
 *
 * As a program: PORT (8080), HOST (all addresses), API_KEY (asked for when set), FAULT (given to every request), LATENCY_MS.
 * `POST /script` with a JSON list of faults gives them to the next requests; with `{"next", "always", "mix"}` it changes those.
 * `GET /log` lists the requests with the status of their answers.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { answerTo } from './answers/index.ts';
import { digestOf, requestDigest, type Chat } from './chat.ts';
import { completion, promptTokens } from './completion.ts';
import { effectOf, faults, type Fault, type Refusal, type Twist } from './faults.ts';
import { createScript, type Script } from './script.ts';

export { faults, passingFaults, type Fault } from './faults.ts';

export interface EndpointOptions {
  apiKey?: string;
  script?: Fault[];
  always?: Fault;
  mix?: Script['mix'];
  /** decides before script, mix and always */
  faultFor?: (chat: Chat) => Fault | undefined;
  latencyMs?: number;
  /** value of Retry-After with fault `status-429`, in seconds */
  retryAfter?: number;
  /** whether a system prompt that was seen before counts as cached */
  cachesPrefix?: boolean;
  /** answers over TLS with this certificate */
  tls?: { certificate: string; key: string };
  /** answers in place of the tasks of answers/ */
  answer?: (chat: Chat) => string;
}

export interface LogEntry {
  /** sha256 of the messages */
  prompt: string;
  /** sha256 of all that makes it another request to pay for */
  request: string;
  model: string;
  maxTokens: number | undefined;
  /** 0 for none */
  status: number;
  fault: Fault;
  format: string;
  authorization: string | undefined;
  headers: IncomingMessage['headers'];
  /** milliseconds since the endpoint was started */
  startedAt: number;
  endedAt: number | undefined;
  /** whether the whole answer was handed to a client that was still there */
  isDelivered: boolean;
}

const slowMs = 30_000;

export function createEndpoint(options: EndpointOptions): {
  server: Server;
  log: LogEntry[];
  live: { inFlight: number; most: number };
} {
  const log: LogEntry[] = [];
  const live = { inFlight: 0, most: 0 };
  const { script: next = [], always = 'none', mix } = options;
  const script = createScript({ next: [...next], always, ...(mix === undefined ? {} : { mix }) });
  const prefixes = new Set<string>();

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/';
    const body = await read(request);
    if (path === '/healthz') sendJson(response, 200, { ok: true });
    else if (path === '/log') sendJson(response, 200, log);
    else if (path === '/script') {
      const given = JSON.parse(body) as Fault[] | Partial<Script>;
      sendJson(response, 200, script.change(Array.isArray(given) ? { next: given } : given));
    } else if (path.endsWith('/chat/completions')) await complete(request, response, JSON.parse(body) as Chat);
    else sendJson(response, 404, { error: { message: 'no such path', code: 'not_found' } });
  }

  async function complete(request: IncomingMessage, response: ServerResponse, chat: Chat): Promise<void> {
    const { authorization } = request.headers;
    const isKnown = options.apiKey === undefined || authorization === `Bearer ${options.apiKey}`;
    const fault = isKnown ? (options.faultFor?.(chat) ?? script.faultFor(chat)) : 'status-401';
    const entry = openEntry(chat, fault, request.headers);
    log.push(entry);
    response.once('finish', () => (entry.isDelivered = !response.destroyed));
    response.once('close', () => (entry.endedAt = performance.now()));
    live.inFlight += 1;
    live.most = Math.max(live.most, live.inFlight);
    await sleep(options.latencyMs ?? 0);
    live.inFlight -= 1;
    const effect = effectOf(fault, chat, { retryAfter: options.retryAfter ?? 0 });
    if ('refuse' in effect) refuse(response, effect.refuse, entry);
    else await answer(response, chat, effect.twist, entry);
  }

  async function answer(response: ServerResponse, chat: Chat, twist: Twist, entry: LogEntry): Promise<void> {
    if (twist.connection === 'cut') return void response.destroy();
    if (twist.connection === 'slow') await sleep(slowMs);
    entry.status = 200;
    const prefix = chat.messages.filter(({ role }) => role === 'system');
    const isSeen = options.cachesPrefix === true && prefixes.has(JSON.stringify(prefix));
    prefixes.add(JSON.stringify(prefix));
    const content = (options.answer ?? answerTo)(chat);
    const text = JSON.stringify(completion(chat, content, twist, isSeen ? promptTokens(prefix) : 0));
    response.writeHead(200, { 'content-type': 'application/json' });
    for (const part of twist.prefix ?? []) {
      response.write(part);
      await sleep(5);
    }
    if (twist.connection !== 'cut-body') return void response.end(text);
    response.write(text.slice(0, text.length / 2));
    await sleep(5);
    response.destroy();
  }

  const listener = (request: IncomingMessage, response: ServerResponse): void =>
    void handle(request, response).catch(() => response.destroy());
  const { tls } = options;
  const server =
    tls === undefined ? createServer(listener) : createTlsServer({ cert: tls.certificate, key: tls.key }, listener);
  return { server, log, live };
}

const openEntry = (chat: Chat, fault: Fault, headers: IncomingMessage['headers']): LogEntry => ({
  prompt: digestOf(chat),
  request: requestDigest(chat),
  model: chat.model,
  maxTokens: chat.max_tokens ?? chat.max_completion_tokens,
  status: 0,
  fault,
  format: chat.response_format?.type ?? 'text',
  authorization: headers.authorization,
  headers,
  startedAt: performance.now(),
  endedAt: undefined,
  isDelivered: false,
});

function refuse(response: ServerResponse, { status, body, headers }: Refusal, entry: LogEntry): void {
  entry.status = status;
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

async function read(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => (ms === 0 ? resolve() : setTimeout(resolve, ms)));

/** Listen on the loopback, or on all addresses; 0 takes a free port. The address is the base URL of the API. */
export async function listen(
  server: Server,
  port = 0,
  host = '127.0.0.1',
): Promise<{ url: string; close: () => void }> {
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  const protocol = 'setSecureContext' in server ? 'https' : 'http';
  return { url: `${protocol}://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, close };
}

if (import.meta.main) {
  const {
    PORT: port = '8080',
    HOST: host = '0.0.0.0',
    API_KEY: apiKey,
    FAULT: fault = 'none',
    LATENCY_MS: latency = '0',
  } = process.env;
  const always = faults.find((name) => name === fault);
  if (always === undefined) throw new Error(`unknown FAULT "${fault}": use one of ${faults.join(', ')}`);
  const options = { always, latencyMs: Number(latency), ...(apiKey === undefined ? {} : { apiKey }) };
  const { url } = await listen(createEndpoint(options).server, Number(port), host);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0));
  console.log(`model endpoint on port ${new URL(url).port}`);
}
