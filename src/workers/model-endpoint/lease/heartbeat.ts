import { open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';

const holderSchema = z.object({ id: z.string(), host: z.string(), pid: z.int(), isReleased: z.boolean() });
export type Holder = z.infer<typeof holderSchema>;

export interface LeaseTimes {
  beatMs: number;
  /** without a beat for this long a holder on another machine is gone; its event loop may be busy for a while */
  expiryMs: number;
}
export const defaultTimes: LeaseTimes = { beatMs: 10_000, expiryMs: 180_000 };

/** of this process */
const ownIds = new Set<string>();

export interface Heartbeat {
  readonly id: string;
  /** Leave the file, marked as given up; or remove it. */
  stop(how: 'release' | 'remove'): Promise<void>;
}

/**
 * Create a file that says "I am alive" and write it again at each beat. Undefined when it exists already.
 * `onBeat` is called after each beat.
 */
export async function startHeartbeat(
  path: string,
  { beatMs }: LeaseTimes,
  onBeat: () => Promise<void> = () => Promise.resolve(),
): Promise<Heartbeat | undefined> {
  const holder: Holder = { id: randomUUID(), host: hostname(), pid: process.pid, isReleased: false };
  const handle = await open(path, 'wx').catch((error: unknown) => {
    if (isCode(error, 'EEXIST')) return undefined;
    throw error;
  });
  if (handle === undefined) return undefined;
  const write = async (value: Holder): Promise<void> => {
    // always as long as before, so that nothing of the old text stays
    await handle.write(JSON.stringify(value).padEnd(256), 0);
    // on a network file system the time of the file is that of the server, once it knows
    await handle.sync();
  };
  ownIds.add(holder.id);
  await write(holder);
  let beat = Promise.resolve();
  const timer = setInterval(() => {
    // a missed beat is no harm, the next one counts
    beat = beat
      .then(() => write(holder))
      .then(onBeat)
      .catch(() => undefined);
  }, beatMs);
  timer.unref();
  return {
    id: holder.id,
    async stop(how) {
      clearInterval(timer);
      await beat;
      if (how === 'release') await write({ ...holder, isReleased: true });
      await handle.close();
      if (how === 'remove') await rm(path, { force: true });
    },
  };
}

/** Whether somebody still holds what the file stands for. A file that is gone or unreadable stands for nobody, once it is old. */
export async function isHeld(path: string, { expiryMs }: LeaseTimes): Promise<boolean> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return false;
  const holder = holderSchema.safeParse(parse(text));
  if (holder.success && (holder.data.isReleased || isDeadHere(holder.data))) return false;
  const file = await stat(path).catch(() => undefined);
  return file !== undefined && (await fileTime(dirname(path))) - file.mtimeMs < expiryMs;
}

/** A process of this machine is known to be dead at once. In a container that started anew, its own number is that of the one before. */
function isDeadHere({ host, pid, id }: Holder): boolean {
  if (host !== hostname()) return false;
  if (pid === process.pid) return !ownIds.has(id);
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return isCode(error, 'ESRCH');
  }
}

/** The clock that times files, which is not this machine's on a network file system. */
async function fileTime(folder: string): Promise<number> {
  const probe = join(folder, `.clock-${randomUUID()}`);
  await writeFile(probe, '');
  try {
    return (await stat(probe)).mtimeMs;
  } finally {
    await rm(probe, { force: true });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;
