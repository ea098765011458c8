import { readFile } from 'node:fs/promises';
import { getCACertificates } from 'node:tls';
import { Agent, buildConnector, request, type Dispatcher } from 'undici';
import { asFailure, WorkerFailure } from '../../shell/failure.ts';
import { acceptedEncodings, TooMuch } from '../network/body.ts';
import type { Guard } from '../network/guard.ts';
import { saveBody } from '../network/save.ts';
import { retryAfterOf } from './retry-after.ts';
import type { PageRecord, SiteState } from '../network/state.ts';
import { troubleOf, troubleOfStatus, type Trouble } from '../network/trouble.ts';

/** also the name that robots.txt is asked for */
export const userAgent = 'doctune';

/** What one request came to. */
export type Answer =
  { kind: 'content'; record: PageRecord } | { kind: 'redirect'; location: URL } | { kind: 'trouble'; trouble: Trouble };

export interface Wanted {
  maxBytes: number;
  /** whether a content type is worth its bytes */
  accepts?: (type: string, url: URL) => boolean;
}

export interface Client {
  /** Ask once; only when the worker is told to stop does it throw. Redirects are not followed. */
  get(url: URL, wanted: Wanted): Promise<Answer>;
  close(): Promise<void>;
}

export interface ClientOptions {
  guard: Guard;
  state: SiteState;
  caFile: string | undefined;
  timeoutSeconds: number;
  signal: AbortSignal;
}

/** The client of a crawl: what is known already is asked for with its ETag and date, and read from disk if unchanged. */
export async function openClient(options: ClientOptions): Promise<Client> {
  const { state, signal } = options;
  const agent = createAgent(options.guard, await readAuthorities(options.caFile));
  const timeoutMs = options.timeoutSeconds * 1000;

  async function ask(url: URL, wanted: Wanted): Promise<Answer> {
    const known = await state.find(url.href);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const response = await request(url, {
      dispatcher: agent,
      headers: { 'user-agent': userAgent, 'accept-encoding': acceptedEncodings, ...conditions(known) },
      signal: limit,
    });
    const answer = judge(url, response, known, wanted);
    if (answer === undefined) return { kind: 'content', record: await receive(url, response, wanted, state, limit) };
    // the rest may be 10 GB: the connection is worth less
    response.body.on('error', () => undefined).destroy();
    if (answer.kind === 'content') state.reuse(answer.record);
    return answer;
  }
  return {
    async get(url, wanted) {
      try {
        return await ask(url, wanted);
      } catch (error) {
        signal.throwIfAborted();
        // a full disk is no fault of the page
        if (asFailure(error).exit === 'export') throw error;
        return { kind: 'trouble', trouble: error instanceof TooMuch ? error.trouble : troubleOf(error) };
      }
    },
    close: () => agent.destroy(),
  };
}

function createAgent(guard: Guard, ca: string[] | undefined): Agent {
  const connect = buildConnector({ lookup: guard.lookup, ...(ca === undefined ? {} : { ca }) });
  return new Agent({
    connect(options, callback) {
      try {
        guard.checkLiteral(options.hostname);
      } catch (error) {
        callback(error as Error, null);
        return;
      }
      connect(options, callback);
    },
  });
}

async function readAuthorities(file: string | undefined): Promise<string[] | undefined> {
  if (file === undefined) return undefined;
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const message = `cannot read the certificates of spec.web.caConfigMapRef: change its key`;
    throw new WorkerFailure('config', 'AuthoritiesNotFound', message, { cause: error });
  });
  return [...getCACertificates('default'), text];
}

const conditions = (known: PageRecord | undefined): Record<string, string> => ({
  ...(known?.etag === undefined ? {} : { 'if-none-match': known.etag }),
  ...(known?.lastModified === undefined ? {} : { 'if-modified-since': known.lastModified }),
});

const header = ({ headers }: Dispatcher.ResponseData, name: string): string | undefined => {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
};

/** All answers that need no body; undefined if the body is wanted. */
function judge(
  url: URL,
  response: Dispatcher.ResponseData,
  known: PageRecord | undefined,
  { accepts, maxBytes }: Wanted,
): Answer | undefined {
  const { statusCode: status } = response;
  if (status === 304 && known !== undefined) return { kind: 'content', record: known };
  const location = header(response, 'location');
  if (status >= 300 && status < 400 && location !== undefined) {
    const target = URL.parse(location, url.href);
    if (target !== null) return { kind: 'redirect', location: target };
    return trouble({ reason: 'HttpError', detail: `answered ${status} with a broken address`, isTransient: false });
  }
  const failed = troubleOfStatus(status, retryAfterOf(header(response, 'retry-after'), new Date()));
  if (failed !== undefined) return trouble(failed);
  const type = header(response, 'content-type') ?? '';
  if (accepts?.(type, url) === false) {
    return trouble({ reason: 'UnknownFormat', detail: `is of the type "${type.slice(0, 100)}"`, isTransient: false });
  }
  const length = Number(header(response, 'content-length') ?? 0);
  if (length <= maxBytes) return undefined;
  return trouble({ reason: 'TooLarge', detail: `is larger than ${maxBytes} bytes`, isTransient: false });
}

const trouble = (found: Trouble): Answer => ({ kind: 'trouble', trouble: found });

/** Write the body to the state; bounded in bytes and by the signal in time. */
async function receive(
  url: URL,
  response: Dispatcher.ResponseData,
  { maxBytes }: Wanted,
  state: SiteState,
  signal: AbortSignal,
): Promise<PageRecord> {
  const encoding = header(response, 'content-encoding') ?? '';
  const file = state.newFile();
  const saved = await saveBody(response.body, encoding, file, { maxBytes, signal });
  const [etag, lastModified] = [header(response, 'etag'), header(response, 'last-modified')];
  const record: PageRecord = {
    url: url.href,
    ...saved,
    type: header(response, 'content-type') ?? '',
    robots: header(response, 'x-robots-tag') ?? '',
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { lastModified }),
    fetchedAt: new Date().toISOString(),
  };
  await state.keep(record, file);
  return record;
}
