import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { createClaimStore } from '../../src/workers/artifacts/claim-store.ts';
import { createSelection } from '../../src/workers/fetch-documents/select.ts';
import type { Candidate, ReadContext, Source, WebInput } from '../../src/workers/fetch-documents/source.ts';
import { readSite, type SiteTuning } from '../../src/workers/fetch-documents/web/index.ts';
import type { Progress } from '../../src/workers/progress/reporter.ts';

/** What a source gave, in the order in which it came. */
export interface Read {
  documents: { path: string; content: string; url?: string }[];
  skipped: { path: string; reason: string; detail: string }[];
}

export interface Reading {
  store?: string;
  allowedNetworks?: string[];
  maxDocumentBytes?: number;
  tuning?: SiteTuning;
  signal?: AbortSignal;
  reports?: { push(progress: Progress): unknown };
}

export function readContext({ store, allowedNetworks, maxDocumentBytes, signal, reports }: Reading): ReadContext {
  return {
    store: createClaimStore(store ?? mkdtempSync(join(tmpdir(), 'read-store-'))),
    signal: signal ?? new AbortController().signal,
    log: pino({ level: 'silent' }),
    progress: { report: (progress) => void reports?.push(progress), close: () => Promise.resolve() },
    limits: {
      maxDocumentBytes: maxDocumentBytes ?? 100_000,
      maxTotalBytes: 1e9,
      maxDocuments: 1000,
      convertSeconds: 10,
      convertMemoryBytes: 2 ** 29,
    },
    allowedNetworks: allowedNetworks ?? ['127.0.0.1/32'],
  };
}

/** Read a site as the worker does, but without its pauses. */
export async function readAll(web: Partial<WebInput>, reading: Reading = {}): Promise<Read> {
  const { include = [], exclude = [], ...rest } = web;
  const input: WebInput = {
    urls: [],
    sitemap: null,
    maxPages: 100,
    maxDepth: 3,
    allowHosts: [],
    respectRobots: true,
    rate: 100_000,
    timeoutSeconds: 5,
    include,
    exclude,
    ...rest,
  };
  const patience = { attempts: 3, firstDelayMs: 1, maxDelayMs: 2000 };
  const tuning = { patience, ...reading.tuning };
  return collect(await readSite(input, createSelection(include, exclude), readContext(reading), tuning));
}

export async function collect({ candidates }: Source): Promise<Read> {
  const read: Read = { documents: [], skipped: [] };
  for await (const candidate of candidates) add(read, candidate);
  return read;
}

function add(read: Read, candidate: Candidate): void {
  if ('skip' in candidate) {
    read.skipped.push({ path: candidate.path, reason: candidate.skip, detail: candidate.detail ?? '' });
  } else read.documents.push({ ...candidate, content: candidate.content.toString() });
}
