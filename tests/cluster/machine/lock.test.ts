import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { exclusively } from './lock.ts';

let cache = '';
beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'lock-'));
  vi.stubEnv('DOCTUNE_CACHE', cache);
});
afterAll(() => rm(cache, { recursive: true }));

const pause = (milliseconds: number): Promise<void> => new Promise((wake) => setTimeout(wake, milliseconds));

test('two pieces of work under one name never overlap', async () => {
  let inside = 0;
  let most = 0;
  const work = (): Promise<void> =>
    exclusively('one', async () => {
      most = Math.max(most, ++inside);
      await pause(50);
      inside -= 1;
    });
  await Promise.all([work(), work(), work()]);
  expect(most).toBe(1);
});

test('work that fails gives the lock back', async () => {
  await expect(exclusively('two', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(await exclusively('two', () => Promise.resolve('done'))).toBe('done');
});

test('a holder that is killed gives the lock back', async () => {
  const program = `import { exclusively } from '${join(import.meta.dirname, 'lock.ts')}';
    await exclusively('three', () => new Promise(() => { console.log('held'); setInterval(() => {}, 1000); }));`;
  const holder = spawn(process.execPath, ['--input-type=module-typescript', '--eval', program]);
  await once(holder.stdout, 'data');
  holder.kill('SIGKILL');
  expect(await exclusively('three', () => Promise.resolve('done'))).toBe('done');
});
