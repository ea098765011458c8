import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TokenBucket } from '../controller/backoff.ts';
import { messageOf } from '../controller/errors.ts';
import type { Log } from '../controller/log.ts';
import { progressSchema } from '../contract/progress.ts';
import type { ProgressReport } from '../contract/progress.ts';
import type { CertificateSet } from './certificate.ts';
import type { PodIdentity, ReviewToken } from './token-review.ts';

export interface ProgressServerOptions {
  /** 0: any free port */
  port: number;
  certificates: CertificateSet;
  review: ReviewToken;
  /** Take the report for the run of this pod; false if it has none. */
  accept(identity: PodIdentity, report: ProgressReport): boolean;
  log: Log;
  now?: () => number;
}

export interface ProgressServer {
  port: number;
  setCertificates(set: CertificateSet): void;
  close(): Promise<void>;
}

class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const maxBodyBytes = 65_536;
const maxBuckets = 10_000;
const reportsPerSecond = 2;
const burst = 10;

/** One bucket a pod; the oldest ones are forgotten, which at worst gives a pod a fresh burst. */
function rateLimit(now: () => number): (uid: string) => boolean {
  const buckets = new Map<string, TokenBucket>();
  return (uid) => {
    const bucket = buckets.get(uid) ?? new TokenBucket({ perSecond: reportsPerSecond, burst });
    const oldest = buckets.keys().next().value;
    if (!buckets.has(uid) && buckets.size >= maxBuckets && oldest !== undefined) buckets.delete(oldest);
    buckets.set(uid, bucket);
    return bucket.take(now());
  };
}

function tokenOf(request: IncomingMessage): string {
  const token = /^Bearer (\S{1,8192})$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) throw new Refusal(401, 'send a bearer token');
  return token;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const tooLarge = new Refusal(413, `a report has ${maxBodyBytes} bytes at most`);
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) throw tooLarge;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes) throw tooLarge;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseReport(text: string): ProgressReport {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refusal(400, 'a report is a JSON object');
  }
  const parsed = progressSchema.safeParse(value);
  if (parsed.success) return finite(parsed.data);
  const [issue] = parsed.error.issues;
  throw new Refusal(422, `field "${issue?.path.join('.') ?? ''}": ${issue?.message ?? 'not valid'}`);
}

/** A diverged run reports "nan", which no status can hold. */
function finite({ trainerStatus }: ProgressReport): ProgressReport {
  const metrics = trainerStatus.metrics?.filter(({ value }) => Number.isFinite(value));
  return { trainerStatus: { ...trainerStatus, ...(metrics === undefined ? {} : { metrics }) } };
}

/** The server that the pods of runs report to, by the protocol of Kubeflow's KEP-2779. The token alone says for which run. */
export async function startProgressServer(options: ProgressServerOptions): Promise<ProgressServer> {
  const { certificates, review, log, now = Date.now } = options;
  const isWithinRate = rateLimit(now);

  async function handle(request: IncomingMessage): Promise<void> {
    if (request.method !== 'POST') throw new Refusal(405, 'reports are sent by POST');
    const identity = await review(tokenOf(request));
    if (identity === undefined) throw new Refusal(401, 'the token is not valid here');
    if (!isWithinRate(identity.uid)) throw new Refusal(429, `send ${reportsPerSecond} reports a second at most`);
    const report = parseReport(await bodyOf(request));
    if (!options.accept(identity, report)) throw new Refusal(403, `pod "${identity.name}" does not work for a run`);
  }

  function answer(response: ServerResponse, status: number, body: Record<string, unknown>): void {
    const headers = { 'content-type': 'application/json', ...(status === 429 ? { 'retry-after': '1' } : {}) };
    response.writeHead(status, headers).end(JSON.stringify(body));
  }

  const server = createServer({ ...tlsOf(certificates), minVersion: 'TLSv1.2' }, (request, response) => {
    handle(request)
      .then(() => answer(response, 200, {}))
      .catch((error: unknown) => {
        const status = error instanceof Refusal ? error.status : 503;
        log.debug({ status, error: messageOf(error) }, 'report refused');
        // what is left of the body is not read
        response.setHeader('connection', 'close');
        answer(response, status, { message: error instanceof Refusal ? error.message : 'try again later' });
      });
  });
  server.requestTimeout = 10_000;
  server.headersTimeout = 10_000;
  server.maxConnections = 2000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    setCertificates: (set) => server.setSecureContext(tlsOf(set)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), 1000).unref();
      }),
  };
}

const tlsOf = ({ certificate, key }: CertificateSet) => ({ cert: certificate, key });
