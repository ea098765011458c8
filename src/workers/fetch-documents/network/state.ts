import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { appendFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** What is known of an address that answered: enough to ask whether it changed, and to name what was read. */
export interface KeptRecord {
  /** of a page, or the key of an object */
  url: string;
  /** of the content as it was sent, without transfer compression */
  sha256: string;
  bytes: number;
  etag?: string;
  /** ISO 8601 */
  fetchedAt: string;
}

export interface PageRecord extends KeptRecord {
  /** the header Content-Type */
  type: string;
  /** the header X-Robots-Tag */
  robots: string;
  lastModified?: string;
}

/**
 * What was read before, in a folder that outlives the worker: `pages.jsonl` and `bodies/<sha256>`. A record is
 * appended once its body is in place, so a worker that was killed leaves nothing half known.
 */
export interface SourceState<R extends KeptRecord> {
  /** The record of an address whose body is still there, byte by byte. */
  find(url: string): Promise<R | undefined>;
  /** A new file to write a body to. */
  newFile(): string;
  /** Take a file from `newFile` as the body of a record. */
  keep(record: R, file: string): Promise<void>;
  /** Note that what was kept is still the same. */
  reuse(record: R): void;
  pathOf(record: R): string;
  read(record: R): Promise<Buffer>;
  /** Forget what was not seen this time. Call it only after a run that came to its end. */
  prune(): Promise<void>;
}

export type SiteState = SourceState<PageRecord>;

export async function openState<R extends KeptRecord>(folder: string): Promise<SourceState<R>> {
  const list = join(folder, 'pages.jsonl');
  const bodies = join(folder, 'bodies');
  await mkdir(bodies, { recursive: true });
  const known = await readRecords<R>(list);
  const seen = new Map<string, R>();
  const pathOf = ({ sha256 }: R): string => join(bodies, sha256);
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

async function readRecords<R extends KeptRecord>(path: string): Promise<Map<string, R>> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const records = new Map<string, R>();
  for (const line of text.split('\n')) {
    try {
      const record = JSON.parse(line) as R;
      records.set(record.url, record);
    } catch {
      // the last line of a worker that was killed, or the empty one
    }
  }
  return records;
}

async function holds(path: string, { sha256, bytes }: KeptRecord): Promise<boolean> {
  const file = await stat(path).catch(() => undefined);
  if (file?.size !== bytes) return false;
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex') === sha256;
}
