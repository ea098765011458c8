import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { inCache } from './paths.ts';

/**
 * Do work that only one process of this machine may do at a time, such as filling one place of the cache.
 * The kernel drops the lock with its holder, so a killed process never leaves a stale one. Not re-entrant.
 * Where `flock` does not exist (macOS) the work is done without a lock.
 */
export async function exclusively<T>(name: string, work: () => Promise<T>): Promise<T> {
  await mkdir(inCache('locks'), { recursive: true });
  // `cat` ends with our end of its standard input, also when this process is killed
  const holder = spawn('flock', [inCache('locks', name), 'sh', '-c', 'echo held && exec cat'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  holder.stdin.on('error', () => undefined);
  await new Promise<void>((go) => {
    holder.stdout.once('data', () => {
      go();
    });
    holder.once('close', () => {
      go();
    });
    holder.once('error', () => {
      go();
    });
  });
  try {
    return await work();
  } finally {
    holder.stdin.end();
  }
}
