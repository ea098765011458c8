import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import { parseResult, type Result, type WorkerName } from '../../src/contract/result.ts';
import { createClaimStore } from '../../src/workers/artifacts/claim-store.ts';
import { silentReporter } from '../../src/workers/progress/reporter.ts';
import { renderResult } from '../../src/workers/shell/result.ts';
import { runWork, type Work } from '../../src/workers/shell/run.ts';

export interface WorkerRun<W extends WorkerName> {
  exitCode: number | null;
  result: Result<W> | undefined;
  logs: string;
}

export interface StartedWorker<W extends WorkerName> {
  process: ChildProcess;
  finished: Promise<WorkerRun<W>>;
}

/**
 * Start a worker as its container does: an input file, a store folder and a result file. `program` is the command line
 * of Node, the source by default.
 */
export function startWorker<W extends WorkerName>(
  name: W,
  input: unknown,
  store: string,
  env: NodeJS.ProcessEnv = {},
  program: readonly string[] = [`src/workers/${name}/index.ts`],
): StartedWorker<W> {
  const folder = mkdtempSync(join(tmpdir(), 'worker-'));
  const files = { DOCTUNE_INPUT: join(folder, 'input.json'), DOCTUNE_RESULT: join(folder, 'result.json') };
  writeFileSync(files.DOCTUNE_INPUT, JSON.stringify(input));
  writeFileSync(files.DOCTUNE_RESULT, '');
  const child = spawn(process.execPath, program, {
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

/** Run a worker within the test: the same but for the process, and much faster. */
export async function callWorker<W extends WorkerName>(
  name: W,
  work: Work<W>,
  input: unknown,
  store: string,
): Promise<WorkerRun<W>> {
  const path = join(mkdtempSync(join(tmpdir(), 'worker-')), 'input.json');
  writeFileSync(path, JSON.stringify(input));
  let logs = '';
  const log = pino({ level: 'debug' }, { write: (line: string) => void (logs += line) });
  const signal = new AbortController().signal;
  const context = { log, store: createClaimStore(store), progress: silentReporter, signal };
  const result = await runWork(name, work, context, { DOCTUNE_INPUT: path });
  return { exitCode: result.exitCode, result: parseResult(name, renderResult(result)), logs };
}
