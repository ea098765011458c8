import { randomUUID } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultTimes, startHeartbeat, type Heartbeat, type LeaseTimes } from '../lease/heartbeat.ts';

export const shardEnding = '.log';
export const leaseOf = (shard: string): string => `${shard.slice(0, -shardEnding.length)}.alive`;

export interface ShardWriter {
  /** Resolves with the place of the line when it is on disk. */
  append(line: Buffer): Promise<number>;
  read(offset: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
}

interface Pending {
  line: Buffer;
  resolve: (offset: number) => void;
  reject: (error: unknown) => void;
}

interface Shard {
  handle: FileHandle;
  heartbeat: Heartbeat | undefined;
  size: number;
}

/**
 * A log that this process alone appends to. Lines that come while the disk is busy go out together: one flush serves
 * them all. It is made with the first line, so that a run that finds all answers leaves no file.
 */
export function createShardWriter(folder: string, times: LeaseTimes = defaultTimes): ShardWriter {
  let pending: Pending[] = [];
  let flushing: Promise<void> | undefined;
  let shard: Shard | undefined;
  let broken: Error | undefined;

  async function flush(): Promise<void> {
    while (pending.length > 0) {
      const batch = pending;
      pending = [];
      try {
        if (broken !== undefined) throw broken;
        shard ??= await openShard(folder, times);
        await writeBatch(shard, batch);
      } catch (error) {
        // half a line may be there, which must stay the last one
        broken = error instanceof Error ? error : new Error(String(error));
        for (const { reject } of batch) reject(error);
      }
    }
  }

  return {
    append(line) {
      const written = new Promise<number>((resolve, reject) => pending.push({ line, resolve, reject }));
      flushing ??= flush().finally(() => (flushing = undefined));
      return written;
    },
    async read(offset, length) {
      const buffer = Buffer.alloc(length);
      await shard?.handle.read(buffer, 0, length, offset);
      return buffer;
    },
    async close() {
      await flushing;
      if (shard === undefined) return;
      await shard.handle.close();
      await shard.heartbeat?.stop('remove');
      shard = undefined;
    },
  };
}

/** The time comes first, so that shards in the order of their names are in the order of their age. */
export const newShardName = (): string => `${String(Date.now()).padStart(14, '0')}-${randomUUID()}${shardEnding}`;

async function openShard(folder: string, times: LeaseTimes): Promise<Shard> {
  const name = newShardName();
  // first the sign of life: without one the log is anybody's
  const heartbeat = await startHeartbeat(join(folder, leaseOf(name)), times);
  const handle = await open(join(folder, name), 'wx+');
  const directory = await open(folder);
  await directory.sync();
  await directory.close();
  return { handle, heartbeat, size: 0 };
}

async function writeBatch(shard: Shard, batch: readonly Pending[]): Promise<void> {
  const lines = Buffer.concat(batch.map(({ line }) => line));
  for (let written = 0; written < lines.length;) {
    const { bytesWritten } = await shard.handle.write(lines, written, lines.length - written, shard.size + written);
    written += bytesWritten;
  }
  await shard.handle.datasync();
  // a process that was stopped for minutes counts as dead, and its shard is put together with others
  if ((await shard.handle.stat()).nlink === 0)
    throw new Error('another process has taken the log of answers: start again');
  for (const { line, resolve } of batch) {
    resolve(shard.size);
    shard.size += line.length;
  }
}
