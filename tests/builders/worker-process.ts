import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseResult, type Result, type WorkerName } from '../../src/contract/result.ts';

export interface WorkerRun<W extends WorkerName> {
  exitCode: number | null;
  result: Result<W> | undefined;
  logs: string;
}

export interface StartedWorker<W extends WorkerName> {
  process: ChildProcess;
  finished: Promise<WorkerRun<W>>;
}

/** Start a worker as its container does: an input file, a store folder and a result file. */
export function startWorker<W extends WorkerName>(
  name: W,
  input: unknown,
  store: string,
  env: NodeJS.ProcessEnv = {},
): StartedWorker<W> {
  const folder = mkdtempSync(join(tmpdir(), 'worker-'));
  const files = { DOCTUNE_INPUT: join(folder, 'input.json'), DOCTUNE_RESULT: join(folder, 'result.json') };
  writeFileSync(files.DOCTUNE_INPUT, JSON.stringify(input));
  writeFileSync(files.DOCTUNE_RESULT, '');
  const child = spawn(process.execPath, [`src/workers/${name}/index.ts`], {
    env: { PATH: process.env['PATH'], HOME: folder, TMPDIR: folder, DOCTUNE_STORE: store, ...files, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const finished = (async () => {
    const [logs, errors, [exitCode]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close') as Promise<[number | null]>,
    ]);
    return { exitCode, result: parseResult(name, readFileSync(files.DOCTUNE_RESULT, 'utf8')), logs: logs + errors };
  })();
  return { process: child, finished };
}

export const runWorkerProcess = <W extends WorkerName>(
  name: W,
  input: unknown,
  store: string,
  env: NodeJS.ProcessEnv = {},
): Promise<WorkerRun<W>> => startWorker(name, input, store, env).finished;
