/**
 * A model endpoint for tests: speaks the chat completions protocol and answers with facts made from the sentences of
 * the document in the prompt, so that their evidence is true. Faults are scripted.
 *
 * As a program: PORT (8080), API_KEY (asked for when set), FAULT (given to every request), LATENCY_MS.
 * `POST /script` with a JSON list of faults gives them to the next requests; `{"always": FAULT}` to all of them.
 * `GET /log` lists the prompts with the status of their answers.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const faults = [
  'none',
  'status-401',
  'status-402',
  'status-403',
  'status-404',
  'status-429',
  'status-500',
  'status-503',
  'context-length',
  'content-filter',
  'no-json-schema',
  'prose',
  'truncated',
  'empty',
  'fenced',
  'invented-evidence',
  'cut',
  'slow',
] as const;
export type Fault = (typeof faults)[number];

export interface EndpointOptions {
  apiKey?: string;
  /** given to the next requests, one each */
  script?: Fault[];
  /** given to every request that the script leaves out */
  always?: Fault;
  latencyMs?: number;
  /** value of Retry-After with status 429, in seconds */
  retryAfter?: number;
}

export interface LogEntry {
  /** sha256 of the messages */
  prompt: string;
  status: number;
  fault: Fault;
  format: string;
}

interface ChatRequest {
  messages: { role: string; content: string }[];
  response_format?: { type: string };
}

const slowMs = 30_000;

export function createEndpoint(options: EndpointOptions): { server: Server; log: LogEntry[] } {
  const log: LogEntry[] = [];
  let script = [...(options.script ?? [])];
  let always = options.always ?? 'none';
  const server = createServer((request, response) => {
    void handle(request, response).catch(() => response.destroy());
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/';
    const body = await read(request);
    if (path === '/healthz') send(response, 200, { ok: true });
    else if (path === '/log') send(response, 200, log);
    else if (path === '/script') {
      const given = JSON.parse(body) as Fault[] | { always: Fault };
      if (Array.isArray(given)) script = given;
      else always = given.always;
      send(response, 200, { script, always });
    } else if (path.endsWith('/chat/completions')) await complete(request, response, JSON.parse(body) as ChatRequest);
    else fail(response, 404, 'no such path', 'not_found');
  }

  async function complete(request: IncomingMessage, response: ServerResponse, chat: ChatRequest): Promise<void> {
    const isKnown = options.apiKey === undefined || request.headers.authorization === `Bearer ${options.apiKey}`;
    const fault = isKnown ? (script.shift() ?? always) : 'status-401';
    await new Promise((resolve) => setTimeout(resolve, fault === 'slow' ? slowMs : (options.latencyMs ?? 0)));
    const entry = { prompt: digestOf(chat), status: 0, fault, format: chat.response_format?.type ?? 'text' };
    log.push(entry);
    if (fault === 'cut') response.destroy();
    else entry.status = answer(response, chat, fault, options);
  }
  return { server, log };
}

const digestOf = (chat: ChatRequest): string =>
  createHash('sha256').update(JSON.stringify(chat.messages)).digest('hex');

async function read(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

function send(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

const fail = (response: ServerResponse, status: number, message: string, code: string, headers = {}): void =>
  send(response, status, { error: { message, type: 'error', code } }, headers);

/** Returns the status that was sent. */
function answer(
  response: ServerResponse,
  chat: ChatRequest,
  fault: Fault,
  { retryAfter = 0 }: EndpointOptions,
): number {
  const status = Number(/^status-(\d+)$/.exec(fault)?.[1] ?? 0);
  if (status > 0) {
    const headers = status === 429 ? { 'retry-after': String(retryAfter) } : {};
    fail(response, status, `scripted fault ${status}`, `scripted_${status}`, headers);
    return status;
  }
  if (fault === 'context-length') {
    fail(response, 400, "this model's maximum context length is 10 tokens", 'context_length_exceeded');
    return 400;
  }
  if (fault === 'no-json-schema' && chat.response_format?.type === 'json_schema') {
    fail(response, 400, 'this response_format type is unavailable now', 'invalid_request_error');
    return 400;
  }
  send(response, 200, completion(chat, fault));
  return 200;
}

function completion(chat: ChatRequest, fault: Fault): unknown {
  const content = contentFor(chat, fault);
  const prompt = chat.messages.reduce((sum, message) => sum + message.content.length, 0);
  return {
    id: `chatcmpl-${digestOf(chat).slice(0, 12)}`,
    object: 'chat.completion',
    created: 0,
    model: 'scripted',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: finishReason(fault) }],
    usage: {
      prompt_tokens: Math.ceil(prompt / 4),
      completion_tokens: Math.ceil(content.length / 4),
      total_tokens: Math.ceil((prompt + content.length) / 4),
      prompt_tokens_details: { cached_tokens: 0 },
    },
  };
}

const finishReason = (fault: Fault): string =>
  fault === 'truncated' ? 'length' : fault === 'content-filter' ? 'content_filter' : 'stop';

function contentFor(chat: ChatRequest, fault: Fault): string {
  const facts = makeFacts(chat);
  const text = JSON.stringify({ facts });
  if (fault === 'prose') return 'Certainly! Here are some questions about the document. First of all, what does it do?';
  if (fault === 'truncated') return text.slice(0, text.length / 2);
  if (fault === 'empty' || fault === 'content-filter') return '';
  if (fault === 'fenced') return `Here it is:\n\`\`\`json\n${text}\n\`\`\``;
  if (fault === 'invented-evidence') {
    return JSON.stringify({ facts: facts.map((fact) => ({ ...fact, evidence: ['a passage that is not there'] })) });
  }
  return text;
}

/** The first sentences of the paragraphs between the marks become answers that quote themselves. */
function makeFacts({ messages }: ChatRequest) {
  const prompt = messages.findLast((message) => message.content.includes('<document-'))?.content ?? '';
  const document = /<document-[0-9a-f]+ place="[^"]*">\n([^]*)\n<\/document-[0-9a-f]+>/.exec(prompt)?.[1] ?? '';
  const place = /place="([^"]*)"/.exec(prompt)?.[1] ?? '';
  const [, project = 'the project', count = '2'] = /Project: (.*?)\. Write at most (\d+) facts/.exec(prompt) ?? [];
  const [, wordings = '2'] = /with (\d+) differently/.exec(prompt) ?? [];
  const paragraphs = document.split(/\n\s*\n/).filter((text) => /^[A-Z`]/.test(text));
  const sentences = paragraphs.flatMap((text) => /^[^]{30,400}?[.!?](?=\s|$)/.exec(text)?.[0] ?? []);
  return sentences.slice(0, Number(count)).map((sentence) => ({
    task: 'factual',
    questions: Array.from({ length: Number(wordings) }, (_, index) => ask(index, project, place, sentence)),
    answer: sentence.replace(/\s+/g, ' '),
    evidence: [sentence],
  }));
}

function ask(index: number, project: string, place: string, sentence: string): string {
  const topic = sentence.split(/\s+/).slice(0, 5).join(' ');
  const starts = [
    'What does the project say about',
    'Explain',
    'Tell me more about',
    'Describe',
    'What is known about',
  ];
  return `${starts[index % starts.length] ?? 'Explain'} "${topic}" in ${project} (${place})${index >= starts.length ? ` ${index}` : ''}?`;
}

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
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, close };
}

if (import.meta.main) {
  const { PORT: port = '8080', API_KEY: apiKey, FAULT: fault = 'none', LATENCY_MS: latency = '0' } = process.env;
  const always = faults.find((name) => name === fault);
  if (always === undefined) throw new Error(`unknown FAULT "${fault}": use one of ${faults.join(', ')}`);
  const options = { always, latencyMs: Number(latency), ...(apiKey === undefined ? {} : { apiKey }) };
  await listen(createEndpoint(options).server, Number(port), '0.0.0.0');
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0));
  console.log(`model endpoint on port ${port}`);
}
