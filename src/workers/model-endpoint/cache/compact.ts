import { open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { tryAcquireLease } from '../lease/acquire.ts';
import { isHeld, type LeaseTimes } from '../lease/heartbeat.ts';
import { readLines } from './lines.ts';
import { listShards } from './load.ts';
import { checksumLength, readHead } from './record.ts';
import { leaseOf } from './shard-writer.ts';

/** fewer small shards are no trouble */
const worthIt = 16;
/** a shard of this size is well as it is */
const largeBytes = 64 * 1024 * 1024;
const batchBytes = 1 << 20;

/** Put the small shards of writers that are gone together into one. One process at a time does so; the others go on. */
export async function compactShards(folder: string, times: LeaseTimes): Promise<void> {
  if ((await listShards(folder)).length < worthIt) return;
  const lease = await tryAcquireLease(folder, 'compaction', times);
  if (lease === undefined) return;
  try {
    const shards = await smallOnesOfNobody(folder, times);
    if (shards.length >= worthIt) await mergeShards(folder, shards, lease.lost);
  } finally {
    await lease.release();
  }
}

async function smallOnesOfNobody(folder: string, times: LeaseTimes): Promise<string[]> {
  const names: string[] = [];
  for (const name of await listShards(folder)) {
    const { size } = await stat(join(folder, name));
    if (size < largeBytes && !(await isHeld(join(folder, leaseOf(name)), times))) names.push(name);
  }
  return names;
}

/** The new shard takes the name of the oldest: the rename is the moment at which it counts, and order by age is kept. */
async function mergeShards(folder: string, shards: readonly string[], lost: AbortSignal): Promise<void> {
  const [oldest = ''] = shards;
  const staged = join(folder, `${oldest}.tmp`);
  // of a compaction that was killed
  await rm(staged, { force: true });
  const handle = await open(staged, 'wx');
  try {
    await copyLines(handle, folder, shards);
    await handle.sync();
  } finally {
    await handle.close();
  }
  lost.throwIfAborted();
  await rename(staged, join(folder, oldest));
  for (const name of shards) {
    if (name !== oldest) await rm(join(folder, name), { force: true });
    await rm(join(folder, leaseOf(name)), { force: true });
  }
}

/** Whole lines only, each once. */
async function copyLines(handle: FileHandle, folder: string, shards: readonly string[]): Promise<void> {
  const seen = new Set<string>();
  let batch: Buffer[] = [];
  let bytes = 0;
  const write = async (): Promise<void> => {
    await handle.appendFile(Buffer.concat(batch));
    batch = [];
    bytes = 0;
  };
  for (const name of shards) {
    const source = await open(join(folder, name));
    for await (const { text } of readLines(source)) {
      const head = readHead(text);
      // checksum and key: an answer that was asked for once more is another line
      const id = `${text.toString('latin1', 0, checksumLength)} ${head?.key ?? ''}`;
      if (head === undefined || seen.has(id)) continue;
      seen.add(id);
      batch.push(Buffer.from(`${text.toString('latin1')}\n`, 'latin1'));
      bytes += text.length + 1;
      if (bytes >= batchBytes) await write();
    }
    await source.close();
  }
  await write();
}
