/**
 * Shows in one run how busy the client keeps the requests that an endpoint allows, beside a plain pool (p-limit and
 * fetch, no cache, no limits), and what the log of answers costs in time and memory.
 *
 * REQUESTS, CONCURRENCY and LATENCY_MS change the load, ANSWERS the size of the log.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { openAnswerCache } from '../src/workers/model-endpoint/cache/open.ts';
import { renderRecord } from '../src/workers/model-endpoint/cache/record.ts';
import { defaultPolicy } from '../src/workers/model-endpoint/policy.ts';
import { question, startAsking } from '../tests/builders/asking.ts';
import type { LogEntry } from '../tests/model-endpoint/index.ts';
import { startServer } from './endpoint/start-server.ts';

const read = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise);
const [requests, concurrency, latencyMs, answers] = [
  read('REQUESTS', 3200),
  read('CONCURRENCY', 64),
  read('LATENCY_MS', 1000),
  read('ANSWERS', 400_000),
];
const folder = mkdtempSync(join(tmpdir(), 'bench-endpoint-'));
const text = (index: number): string => `Question ${index}: ${'what does the option do? '.repeat(80)}`;
const indexes = Array.from({ length: requests }, (_, index) => index);

/** Share of the allowed requests that the endpoint had under way, on the average from the first to the last. */
async function measure(name: string, work: (url: string) => Promise<unknown>): Promise<number> {
  const server = await startServer(latencyMs);
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  await work(server.url);
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - startedAt) / 1000;
  const busy = busyShare(await server.log());
  const cpuMs = (user + system) / 1000 / requests;
  console.log(
    `${name.padEnd(20)} ${(busy * 100).toFixed(1)} % busy, ${seconds.toFixed(1)} s for ${requests} requests, ` +
      `${cpuMs.toFixed(2)} ms of processor a request`,
  );
  server.stop();
  return busy;
}

function busyShare(log: readonly LogEntry[]): number {
  const times = log.map(({ startedAt, endedAt = startedAt }) => [startedAt, endedAt] as const);
  const all = Math.max(...times.map(([, end]) => end)) - Math.min(...times.map(([start]) => start));
  return times.reduce((sum, [start, end]) => sum + end - start, 0) / (all * concurrency);
}

async function askPlainly(url: string): Promise<void> {
  const limit = pLimit(concurrency);
  await limit.map(indexes, async (index) => {
    const body = JSON.stringify({ model: 'scripted', messages: question(text(index)).messages });
    const response = await fetch(`${url}/chat/completions`, { method: 'POST', body });
    await response.json();
  });
}

async function askByClient(url: string): Promise<void> {
  const asking = await startAsking({ url, folder, input: { concurrency, timeoutSeconds: 60 }, policy: defaultPolicy });
  const form = { name: 'answer', json: {} };
  // as the worker does: a few questions wait, the others are not made yet
  await pLimit(2 * concurrency).map(indexes, (index) => asking.asker.ask(question(text(index), { form })));
  await asking.close();
}

/** Twice, since memory outside the heap is freed after the objects that held it. */
function collectGarbage(): void {
  globalThis.gc?.();
  globalThis.gc?.();
}

/** Write a log of many answers, then open it as a restarted worker does and read some of them. */
async function measureLog(): Promise<void> {
  const own = mkdtempSync(join(folder, 'log-'));
  const path = join(own, '00000000000001-bench.log');
  const handle = await open(path, 'wx');
  const body = { content: JSON.stringify({ facts: 'x'.repeat(1200) }), finishReason: 'stop' } as const;
  const keys: string[] = [];
  for (let written = 0; written < answers;) {
    const batch = Array.from({ length: Math.min(2000, answers - written) }, () => randomBytes(32).toString('hex'));
    const usage = { input: 900, cachedInput: 0, output: 300 };
    await handle.write(
      Buffer.concat(batch.map((key) => renderRecord({ key, run: 'a1b2c3d4', kind: 'answer', usage }, body))),
    );
    written += batch.length;
    keys.push(batch[0] ?? '');
  }
  await handle.close();
  collectGarbage();
  const before = process.memoryUsage();
  const startedAt = performance.now();
  const cache = await openAnswerCache({ folder: own, run: 'e5f6a7b8' });
  const seconds = (performance.now() - startedAt) / 1000;
  collectGarbage();
  const after = process.memoryUsage();
  const held = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  const readAt = performance.now();
  for (const key of keys) if ((await cache.get(key)) === undefined) throw new Error('an answer is missing');
  const readMs = (performance.now() - readAt) / keys.length;
  console.log(
    `log of ${cache.size} answers: ${(statSync(path).size / 1e6).toFixed(0)} MB, opened in ${seconds.toFixed(1)} s, ` +
      `index of ${(held / 1e6).toFixed(0)} MB (${(held / cache.size).toFixed(0)} bytes each), ${readMs.toFixed(2)} ms to read one`,
  );
  await cache.close();
}

try {
  // first, while the memory of this process is still its own
  await measureLog();
  const plain = await measure('p-limit and fetch', askPlainly);
  const busy = await measure('client', askByClient);
  const verdict = busy >= 0.95 ? 'met' : 'missed';
  console.log(`client : plain pool  ${(busy / plain).toFixed(3)}; target of 95 % busy ${verdict}`);
  process.exitCode = busy >= 0.95 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
