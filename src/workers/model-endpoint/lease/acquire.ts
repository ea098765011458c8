import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { defaultTimes, isHeld, startHeartbeat, type LeaseTimes } from './heartbeat.ts';

export interface Lease {
  /** aborted when another process has taken the lease over, because this one was silent for too long */
  lost: AbortSignal;
  release(): Promise<void>;
}

const pollMs = 1000;

/** Wait until nobody else holds the lease of this name, then hold it. */
export async function acquireLease(
  folder: string,
  name: string,
  { signal, times = defaultTimes }: { signal: AbortSignal; times?: LeaseTimes },
): Promise<Lease> {
  for (;;) {
    signal.throwIfAborted();
    const lease = await tryAcquireLease(folder, name, times);
    if (lease !== undefined) return lease;
    await sleep(Math.min(pollMs, times.beatMs), undefined, { signal });
  }
}

/**
 * Each holder has a file with a number of its own, and the highest number holds the lease. Taking over is to create the
 * next number, which one process alone can do; nothing is ever renamed or removed that another may hold.
 */
export async function tryAcquireLease(
  folder: string,
  name: string,
  times: LeaseTimes = defaultTimes,
): Promise<Lease | undefined> {
  const before = await generations(folder, name);
  const last = before.at(-1) ?? 0;
  if (last > 0 && (await isHeld(pathOf(folder, name, last), times))) return undefined;
  const own = last + 1;
  const lost = new AbortController();
  const checkLoss = async (): Promise<void> => {
    const newest = (await generations(folder, name)).at(-1) ?? own;
    if (newest > own) lost.abort(new Error(`another process took over lease "${name}"`));
  };
  const heartbeat = await startHeartbeat(pathOf(folder, name, own), times, checkLoss);
  if (heartbeat === undefined) return undefined;
  for (const old of before) await rm(pathOf(folder, name, old), { force: true });
  return { lost: lost.signal, release: () => heartbeat.stop('release') };
}

const pathOf = (folder: string, name: string, generation: number): string =>
  join(folder, `${name}.${generation}.lease`);

/** The numbers of all files of this lease, ascending. */
async function generations(folder: string, name: string): Promise<number[]> {
  const files = await readdir(folder);
  return files
    .filter((file) => file.startsWith(`${name}.`) && file.endsWith('.lease'))
    .map((file) => Number(file.slice(name.length + 1, -'.lease'.length)))
    .filter((generation) => Number.isInteger(generation))
    .sort((a, b) => a - b);
}
