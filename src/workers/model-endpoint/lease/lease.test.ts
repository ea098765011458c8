import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { acquireLease, tryAcquireLease } from './acquire.ts';

const times = { beatMs: 20, expiryMs: 10_000 };
const folder = (): string => mkdtempSync(join(tmpdir(), 'lease-'));
const never = new AbortController().signal;

/** Rewrite the one lease file as if another machine held it, with its last beat so long ago. */
function holdElsewhere(at: string, agoMs: number): void {
  const path = join(
    at,
    readdirSync(at).find((name) => name.endsWith('.lease'))!,
  );
  const holder = JSON.parse(readFileSync(path, 'utf8')) as object;
  writeFileSync(path, JSON.stringify({ ...holder, host: 'another-machine', pid: 1 }));
  const then = new Date(Date.now() - agoMs);
  utimesSync(path, then, then);
}

describe('a lease', () => {
  test('is held by one, and by the next one after it is released', async () => {
    const at = folder();
    const first = await acquireLease(at, 'run-1', { signal: never, times });
    expect(await tryAcquireLease(at, 'run-1', times)).toBeUndefined();
    expect(await tryAcquireLease(at, 'run-2', times)).toBeDefined();
    const waiting = acquireLease(at, 'run-1', { signal: never, times });
    await sleep(30);
    await first.release();
    const second = await waiting;
    expect(first.lost.aborted).toBe(false);
    await second.release();
  });

  test('of many at once, one has it', async () => {
    const at = folder();
    const leases = await Promise.all(Array.from({ length: 20 }, () => tryAcquireLease(at, 'run', times)));
    expect(leases.filter((lease) => lease !== undefined)).toHaveLength(1);
  });

  test('of another machine is respected while it beats, and taken over when it is silent', async () => {
    const at = folder();
    const never = { beatMs: 1e6, expiryMs: 10_000 };
    await tryAcquireLease(at, 'run', never);
    holdElsewhere(at, 9_000);
    expect(await tryAcquireLease(at, 'run', never)).toBeUndefined();
    holdElsewhere(at, 11_000);
    expect(await tryAcquireLease(at, 'run', never)).toBeDefined();
  });

  test('a holder that was only slow learns that it lost the lease', async () => {
    const at = folder();
    const slow = await acquireLease(at, 'run', { signal: never, times });
    writeFileSync(join(at, 'run.2.lease'), '{}');
    await once(slow.lost, 'abort');
    await slow.release();
  });

  test('of a killed process on this machine is free at once', async () => {
    const at = folder();
    const program = `
      import { acquireLease } from ${JSON.stringify(join(import.meta.dirname, 'acquire.ts'))};
      await acquireLease(${JSON.stringify(at)}, 'run', { signal: new AbortController().signal });
      console.log('held');
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    expect(await tryAcquireLease(at, 'run')).toBeUndefined();
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await tryAcquireLease(at, 'run')).toBeDefined();
  });

  test('waiting for one can be stopped', async () => {
    const at = folder();
    await acquireLease(at, 'run', { signal: never, times });
    const stop = new AbortController();
    const waiting = acquireLease(at, 'run', { signal: stop.signal, times });
    stop.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow(/stopped|aborted/);
  });
});
