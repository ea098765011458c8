import type { IncomingHttpHeaders } from 'undici/types/header.js';

/** an answer of the largest model is a few MB; more is no answer */
const mostBytes = 32 * 1024 * 1024;

/** what gateways send to keep a connection alive: blank lines, or comments of an event stream */
const keepAlive = /^(?:[\t ]*|:.*)\r?\n/;

/**
 * Read an answer whole. A success that is none becomes what it is: a page of HTML is a bad gateway, and an error in
 * a body with status 200 has the status that it names. `secret` is struck out.
 */
export async function readBody(
  status: number,
  headers: IncomingHttpHeaders,
  body: AsyncIterable<Buffer>,
  secret: string | undefined,
): Promise<Response> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > mostBytes) throw new Error(`the answer is longer than ${mostBytes} bytes`);
    parts.push(part);
  }
  let text = Buffer.concat(parts).toString();
  if (secret !== undefined) text = text.replaceAll(secret, '[key]');
  const isSuccess = status >= 200 && status < 300;
  if (isSuccess) text = withoutKeepAlive(text);
  return new Response(text, { status: isSuccess ? trueStatus(text) : status, headers: kept(headers) });
}

function withoutKeepAlive(text: string): string {
  let rest = text;
  for (let line = keepAlive.exec(rest); line !== null; line = keepAlive.exec(rest)) rest = rest.slice(line[0].length);
  return rest;
}

function trueStatus(text: string): number {
  const value = parse(text);
  if (value === null || typeof value !== 'object') return 502;
  const { error, choices } = value as { error?: unknown; choices?: unknown };
  if (Array.isArray(choices) && choices.length > 0) return 200;
  const { code, status } = (error !== null && typeof error === 'object' ? error : value) as Record<string, unknown>;
  const named = [status, code].map(Number).find((number) => Number.isInteger(number) && number >= 400 && number < 600);
  return named ?? 502;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The headers that are read; the type is JSON, so that the client library parses it, unless it is an error. */
function kept(headers: IncomingHttpHeaders): Headers {
  const known = Object.entries(headers).filter(([name]) => /^(?:retry-after|x-ratelimit|ratelimit)/.test(name));
  return new Headers([
    ['content-type', 'application/json'],
    ...known.map(([name, value]): [string, string] => [name, String(value)]),
  ]);
}
