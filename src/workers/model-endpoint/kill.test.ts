import { build } from 'esbuild';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { digestOf, type Chat } from '../../../tests/model-endpoint/chat.ts';
import { passingFaults, type Fault } from '../../../tests/model-endpoint/faults.ts';
import { createEndpoint, listen, type LogEntry } from '../../../tests/model-endpoint/index.ts';
import { readRecord } from './cache/record.ts';

const root = mkdtempSync(join(tmpdir(), 'kill-'));
const [kills, count, concurrency] = [50, 200, 4];

/** One file starts in half the time, and it is started more than fifty times. */
async function bundleWorker(): Promise<string> {
  const outfile = join(root, 'worker.mjs');
  const banner = { js: "import { createRequire } from 'node:module';const require = createRequire(import.meta.url);" };
  const entry = join(import.meta.dirname, '../../../tests/model-endpoint/asking-worker.ts');
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner,
    logLevel: 'error',
  });
  return outfile;
}

function startWorker(program: string, url: string, folder: string) {
  const env = { URL: url, FOLDER: folder, RUN: 'a1b2c3d4', COUNT: String(count), CONCURRENCY: String(concurrency) };
  const child = spawn(process.execPath, [program], {
    env: { ...env, NODE_COMPILE_CACHE: join(root, 'compiled') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const output = text(child.stdout);
  const finished = once(child, 'close').then(async () => {
    const line = await output;
    return line === '' ? {} : (JSON.parse(line) as { digest?: string; requests?: number });
  });
  return { child, finished };
}

const serve = async () => {
  const answer = ({ messages }: Chat): string => JSON.stringify({ answer: messages[0]?.content });
  // some prompts meet a fault at their first try; each is answered once it is asked again
  const mix = { share: 0.2, faults: passingFaults.filter((fault) => fault !== 'prose' && fault !== 'wrong-keys') };
  const { server, log } = createEndpoint({ answer, mix, latencyMs: 15 });
  return { log, ...(await listen(server)) };
};

/** answers that are of no use, whatever their status */
const spoilt: readonly Fault[] = ['empty', 'broken-off', 'success-page', 'error-in-success', 'no-choices', 'cut-body'];
const isPaid = ({ status, fault }: LogEntry): boolean => status === 200 && !spoilt.includes(fault);

/** The prompts whose answers are on disk, by their digest. */
function stored(folder: string): Set<string> {
  const lines = readdirSync(folder)
    .filter((name) => name.endsWith('.log'))
    .flatMap((name) => readFileSync(join(folder, name), 'latin1').split('\n').slice(0, -1));
  const contents = lines.map((line) => readRecord(Buffer.from(line, 'latin1'))?.body.content ?? '');
  const questions = contents.flatMap((content) => /Answer question \d+ in json\./.exec(content)?.[0] ?? []);
  return new Set(questions.map((content) => digestOf({ model: '', messages: [{ role: 'user', content }] })));
}

test(
  '[T22] a worker killed 50 times at random gives all answers, and no prompt is paid twice but those in flight at a kill',
  { timeout: 240_000 },
  async () => {
    const program = await bundleWorker();
    const calm = await serve();
    const straight = await startWorker(program, calm.url, mkdtempSync(join(root, 'straight-'))).finished;
    calm.close();

    const { url, log, close } = await serve();
    const folder = mkdtempSync(join(root, 'killed-'));
    const answers = (): number => log.filter(({ isDelivered, status }) => isDelivered && status === 200).length;
    let [known, paidAgain] = [stored(folder), 0];
    for (let killed = 0; killed < kills; killed += 1) {
      const [before, answered] = [log.length, answers()];
      const { child, finished } = startWorker(program, url, folder);
      // so much in each life that the last one still has something to ask
      const life = Math.floor((Math.random() * 1.8 * (count - known.size)) / (kills - killed + 2));
      while (answers() < answered + life && child.exitCode === null) await sleep(2);
      await sleep(Math.random() * 20);
      expect(child.exitCode).toBeNull();
      child.kill('SIGKILL');
      await finished;
      // what is on disk is never asked again
      expect(log.slice(before).filter(({ prompt }) => known.has(prompt))).toEqual([]);
      known = stored(folder);
      const lost = log.slice(before).filter((entry) => isPaid(entry) && !known.has(entry.prompt)).length;
      // asked and not answered, or answered and on the way to the disk
      expect(lost).toBeLessThanOrEqual(2 * concurrency);
      paidAgain += lost;
    }
    const last = await startWorker(program, url, folder).finished;
    close();
    console.log(`${kills} kills: ${paidAgain} of ${log.length} requests were in flight at one`);
    expect(last).toMatchObject({ digest: straight.digest, requests: expect.any(Number) as unknown });
    expect(stored(folder).size).toBe(count);
  },
);
