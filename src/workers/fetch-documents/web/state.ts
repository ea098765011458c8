import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { appendFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** What is known of an address that answered: enough to ask whether it changed, and to name what was read. */
export interface PageRecord {
  url: string;
  /** of the content as it was sent, without transfer compression */
  sha256: string;
  bytes: number;
  /** the header Content-Type */
  type: string;
  /** the header X-Robots-Tag */
  robots: string;
  etag?: string;
  lastModified?: string;
  /** ISO 8601 */
  fetchedAt: string;
}

/**
 * Pages of earlier crawls, in a folder that outlives the worker: `pages.jsonl` and `bodies/<sha256>`. A record is
 * appended once its body is in place, so a worker that was killed leaves nothing half known.
 */
export interface SiteState {
  /** The record of an address whose body is still there, byte by byte. */
  find(url: string): Promise<PageRecord | undefined>;
  /** A new file to write a body to. */
  newFile(): string;
  /** Take a file from `newFile` as the body of a page. */
  keep(record: PageRecord, file: string): Promise<void>;
  /** Note that a page of an earlier crawl is still the same. */
  reuse(record: PageRecord): void;
  pathOf(record: PageRecord): string;
  read(record: PageRecord): Promise<Buffer>;
  /** Forget the pages that this crawl did not see. Call it only after a crawl that came to its end. */
  prune(): Promise<void>;
}

export async function openState(folder: string): Promise<SiteState> {
  const list = join(folder, 'pages.jsonl');
  const bodies = join(folder, 'bodies');
  await mkdir(bodies, { recursive: true });
  const known = await readRecords(list);
  const seen = new Map<string, PageRecord>();
  const pathOf = ({ sha256 }: PageRecord): string => join(bodies, sha256);
  return {
    pathOf,
    async find(url) {
      const record = known.get(url);
      return record !== undefined && (await holds(pathOf(record), record)) ? record : undefined;
    },
    newFile: () => join(bodies, `new-${randomUUID()}`),
    async keep(record, file) {
      await rename(file, pathOf(record));
      await appendFile(list, `${JSON.stringify(record)}\n`);
      known.set(record.url, record);
      seen.set(record.url, record);
    },
    reuse: (record) => void seen.set(record.url, record),
    read: (record) => readFile(pathOf(record)),
    async prune() {
      const lines = [...seen.values()].map((record) => `${JSON.stringify(record)}\n`);
      const next = `${list}.${randomUUID()}`;
      await writeFile(next, lines.join(''));
      await rename(next, list);
      const used = new Set([...seen.values()].map(({ sha256 }) => sha256));
      for (const name of await readdir(bodies)) if (!used.has(name)) await rm(join(bodies, name), { force: true });
    },
  };
}

async function readRecords(path: string): Promise<Map<string, PageRecord>> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const records = new Map<string, PageRecord>();
  for (const line of text.split('\n')) {
    try {
      const record = JSON.parse(line) as PageRecord;
      records.set(record.url, record);
    } catch {
      // the last line of a worker that was killed, or the empty one
    }
  }
  return records;
}

async function holds(path: string, { sha256, bytes }: PageRecord): Promise<boolean> {
  const file = await stat(path).catch(() => undefined);
  if (file?.size !== bytes) return false;
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex') === sha256;
}
