import { pino, type Logger } from 'pino';
import { environment } from '../../contract/environment.ts';
import { exitCode } from '../../contract/exit-codes.ts';
import type { Failure, Success, WorkerName } from '../../contract/result.ts';
import { openStore } from '../artifacts/open-store.ts';
import type { ArtifactStore } from '../artifacts/store.ts';
import { createReporter, type ProgressReporter } from '../progress/reporter.ts';
import { asFailure, WorkerStopped } from './failure.ts';
import { readInput, type Input } from './input.ts';
import { failureResult, writeResult } from './result.ts';

export interface WorkerContext {
  log: Logger;
  store: ArtifactStore;
  progress: ProgressReporter;
  /** aborted by SIGTERM and SIGINT */
  signal: AbortSignal;
}

/** What a worker hands back; the shell adds what every result has. */
export type Outcome<W extends WorkerName> = Omit<Success<W>, 'version' | 'exitCode'>;
export type Work<W extends WorkerName> = (input: Input<W>, context: WorkerContext) => Promise<Outcome<W>>;

/** Run a worker as the main program of a container: input, signals, result file and exit code. */
export async function runWorker<W extends WorkerName>(name: W, work: Work<W>): Promise<never> {
  const log = pino({ level: process.env['DOCTUNE_LOG_LEVEL'] ?? 'info', base: { worker: name } });
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort(new WorkerStopped(false)));

  const progress = createReporter(log);
  const result = await runWork(name, work, { log, store: openStore(process.env), progress, signal: stop.signal });
  await progress.close();
  await writeResult(process.env[environment.result.name] ?? environment.result.path, result);
  log.info({ reason: result.reason, exitCode: result.exitCode }, result.message);
  process.exit(result.exitCode);
}

/** Read the input and do the work. Never throws: a failure is a result too. */
export async function runWork<W extends WorkerName>(
  name: W,
  work: Work<W>,
  context: WorkerContext,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Success<W> | Failure> {
  try {
    const input = await readInput(name, env);
    context.log.info({ run: input.run }, 'started');
    const outcome = await work(input, context);
    return { version: 1, exitCode: 0, ...outcome } as unknown as Success<W>;
  } catch (error) {
    const stopped = error instanceof WorkerStopped ? error : undefined;
    if (context.signal.aborted || stopped !== undefined) return stoppedResult(stopped?.hasProgress ?? false);
    const failure = asFailure(error);
    // the stack is for a bug report only: a known failure speaks for itself
    if (failure.exit === 'internal') context.log.error({ err: error }, 'unexpected error');
    return failureResult(failure);
  }
}

const stoppedResult = (hasProgress: boolean): Failure => ({
  version: 1,
  reason: 'Stopped',
  message: hasProgress ? 'stopped by SIGTERM: the next attempt goes on from here' : 'stopped by SIGTERM',
  exitCode: exitCode(hasProgress ? 'preemptedSaved' : 'preemptedUnsaved'),
});
