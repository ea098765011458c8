import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Success } from '../../src/contract/result.ts';
import { generateInput, publishDocuments } from '../builders/generate-input.ts';
import { runWorkerProcess, startWorker } from '../builders/worker-process.ts';
import { createEndpoint, listen, type LogEntry } from '../model-endpoint/index.ts';

const kills = 50;
const concurrency = 2;
/** one answer that is being stored, for each request that is under way */
const atRisk = 2 * concurrency;

const section = (name: string, index: number): string =>
  `## ${name} step ${index}\n\nStep ${index} of ${name} takes ${index + name.length} seconds and ends when the ${name} server confirms it. ` +
  `The ${name} client waits for step ${index} and then goes on with the next one of the list.\n\n` +
  `Without step ${index} the ${name} table keeps ${index * 7 + 1} entries that nobody needs any more.\n`;
const page = (name: string): string =>
  `# ${name}\n\n${Array.from({ length: 12 }, (_, index) => section(name, index)).join('\n')}`;
const files = Object.fromEntries(
  ['Alpha', 'Bravo', 'Carrot', 'Dynamo', 'Ember', 'Falcon'].map((name) => [`${name}.md`, page(name)]),
);

async function setUp(baseURL: string) {
  const store = mkdtempSync(join(tmpdir(), 'resume-'));
  const openai = { baseURL, model: 'scripted', maxTokens: 512, concurrency, timeoutSeconds: 30, temperature: 0.3 };
  const input = generateInput(await publishDocuments(store, files), {
    generator: { openai },
    chunking: { targetTokens: 64, maxTokens: 128, minTokens: 32 },
  });
  return { store, input };
}

/** The same draws in every run of the test. */
function draws(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) / 2 ** 32;
}

test(
  '[T22] a worker that is killed 50 times makes the same artifact, and pays for nothing twice but what was under way',
  { timeout: 900_000 },
  async () => {
    const { server, log } = createEndpoint({ latencyMs: 20 });
    const { url, close } = await listen(server);
    const whole = await setUp(url);
    const undisturbed = await runWorkerProcess('generate-dataset', whole.input, whole.store);
    const { artifact } = undisturbed.result as Success<'generate-dataset'>;
    const requests = log.splice(0).length;
    expect(requests).toBeGreaterThan(kills);

    const { store, input } = await setUp(url);
    const draw = draws(7);
    const lives: LogEntry[][] = [];
    while (lives.length < kills) {
      const worker = startWorker('generate-dataset', input, store);
      const isAsking = lives.length < kills * 0.8;
      const deadline = Math.floor(draw() * 4);
      // most die while they ask, the others anywhere from start to end
      if (isAsking) while (log.length <= deadline && worker.process.exitCode === null) await sleep(2);
      else await sleep(draw() * 1500);
      worker.process.kill('SIGKILL');
      await worker.finished;
      lives.push(log.splice(0));
    }
    const last = await runWorkerProcess('generate-dataset', input, store);
    lives.push(log.splice(0));
    close();

    expect(last.exitCode, last.logs).toBe(0);
    expect((last.result as Success<'generate-dataset'>).artifact).toEqual(artifact);
    expect(readdirSync(join(store, 'artifacts', 'datasets'))).toEqual([artifact.digest.slice('sha256:'.length)]);
    for (const [index, life] of lives.entries()) {
      const later = new Set(lives.slice(index + 1).flatMap((other) => other.map(({ request }) => request)));
      const safe = life.slice(0, Math.max(0, life.length - atRisk)).filter(({ status }) => status === 200);
      expect(safe.filter(({ request }) => later.has(request))).toEqual([]);
    }
    expect(new Set(lives.flat().map(({ request }) => request)).size).toBe(requests);
  },
);
