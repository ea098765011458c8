import { randomBytes } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { defaultTimes, type LeaseTimes } from '../lease/heartbeat.ts';
import type { Reply, TokenCounts } from '../question.ts';
import type { Trouble } from '../trouble.ts';
import { compactShards } from './compact.ts';
import { createKeyIndex, type Place } from './key-index.ts';
import { addPaid, listShards, loadShard, nothingPaid, type Loading, type Paid } from './load.ts';
import { readRecord, renderRecord, type Head } from './record.ts';
import { createShardWriter, type ShardWriter } from './shard-writer.ts';

/** Answers that are paid for. Errors are never kept. */
export interface AnswerCache {
  get(key: string): Promise<Reply | undefined>;
  /** Whether the answer to this was paid by the run itself. */
  isOwn(key: string): boolean;
  /** Resolves when the answer is on disk: only then does it count. A poor one serves the run that paid for it alone. `cost`: of its usage, where it has a price. */
  put(key: string, reply: Reply, isPoor: boolean, cost?: number | null): Promise<void>;
  /** Keep that this was paid for nothing worth keeping. */
  spend(usage: TokenCounts, cost?: number | null): Promise<void>;
  /** Ask again from now on what this run has a poor answer to: when it ends without a result and a person starts it again. */
  forgetPoor(): Promise<void>;
  /** Keep how often trouble of this class was met. */
  countRetry(trouble: Trouble): void;
  /** what the run has paid so far, its earlier processes included */
  paid(): Readonly<Paid>;
  readonly size: number;
  close(): Promise<void>;
}

export interface CacheOptions {
  /** may be on a network file system, and shared with other processes */
  folder: string;
  /** id of the run, so that a restarted worker knows what its own run has paid */
  run: string;
  log?: Pick<Logger, 'warn' | 'debug'>;
  times?: LeaseTimes;
}

export async function openAnswerCache({ folder, run, log, times = defaultTimes }: CacheOptions): Promise<AnswerCache> {
  await compactShards(folder, times).catch((error: unknown) => log?.warn({ err: error }, 'cannot compact the answers'));
  const loaded = await load(folder, run, log);
  const writer = createShardWriter(folder, times);
  return createAnswerCache(run, writer, loaded);
}

interface Loaded extends Loading {
  shards: Shard[];
}

/** An open file stays readable when a compaction removes its name. */
interface Shard {
  name: string;
  handle: FileHandle;
}

async function load(folder: string, run: string, log: CacheOptions['log']): Promise<Loaded> {
  const loaded: Loaded = {
    run,
    index: createKeyIndex(),
    paid: nothingPaid(),
    own: new Set(),
    poor: new Map(),
    shards: [],
  };
  try {
    for (const name of await listShards(folder)) loaded.shards.push({ name, handle: await open(join(folder, name)) });
  } catch (error) {
    await closeAll(loaded.shards);
    // another process has just put it together with others
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return load(folder, run, log);
    throw error;
  }
  for (const [number, { name, handle }] of loaded.shards.entries()) {
    const damaged = await loadShard(loaded, handle, number);
    if (damaged > 0) log?.warn({ shard: name, damaged }, 'left out damaged lines of the answers');
  }
  for (const [key, place] of loaded.poor) loaded.index.set(key, place);
  return loaded;
}

async function closeAll(shards: readonly Shard[]): Promise<void> {
  for (const { handle } of shards) await handle.close();
}

function createAnswerCache(run: string, writer: ShardWriter, { index, paid, shards }: Loaded): AnswerCache {
  const ownShard = shards.length;
  let retries: Partial<Record<Trouble, number>> = {};

  async function write(head: Head, body?: Omit<Reply, 'usage'>): Promise<Place> {
    const line = renderRecord(head, body);
    const offset = await writer.append(line);
    addPaid(paid, head);
    return { shard: ownShard, offset, length: line.length - 1, isOwn: true };
  }
  async function writeRetries(): Promise<void> {
    if (Object.keys(retries).length === 0) return;
    const counted = retries;
    retries = {};
    await write({ key: randomKey(), run, kind: 'retries', retries: counted });
  }
  async function read({ shard, offset, length }: Place): Promise<Buffer> {
    if (shard === ownShard) return writer.read(offset, length);
    const buffer = Buffer.alloc(length);
    await shards[shard]?.handle.read(buffer, 0, length, offset);
    return buffer;
  }

  return {
    async get(key) {
      const place = index.get(key);
      if (place === undefined) return undefined;
      // on a network file system the file may be gone: the answer is paid again rather than wrong
      const record = readRecord(await read(place).catch(() => Buffer.alloc(0)));
      if (record?.head.key !== key || record.head.usage === undefined) return undefined;
      return { ...record.body, usage: record.head.usage };
    },
    isOwn: (key) => index.get(key)?.isOwn === true,
    async put(key, { usage, ...body }, isPoor, cost) {
      const [place] = await Promise.all([
        write({ key, run, kind: isPoor ? 'poor' : 'answer', usage, ...priced(cost) }, body),
        writeRetries(),
      ]);
      index.set(key, place);
    },
    async spend(usage, cost) {
      await write({ key: randomKey(), run, kind: 'spent', usage, ...priced(cost) });
    },
    async forgetPoor() {
      await write({ key: randomKey(), run, kind: 'forget' });
    },
    countRetry: (trouble) => void (retries[trouble] = (retries[trouble] ?? 0) + 1),
    paid: () => ({ ...paid, retries: merged(paid.retries, retries) }),
    get size() {
      return index.size;
    },
    async close() {
      // a full disk has been told by then, and counts are worth no failure
      await writeRetries().catch(() => undefined);
      await writer.close();
      await closeAll(shards);
    },
  };
}

const priced = (cost?: number | null): Pick<Head, 'cost'> => (cost == null ? {} : { cost });
const randomKey = (): string => randomBytes(32).toString('hex');

function merged(a: Paid['retries'], b: Paid['retries']): Paid['retries'] {
  const sum = nothingPaid();
  for (const retries of [a, b]) addPaid(sum, { kind: 'retries', retries });
  return sum.retries;
}
