import type { Exit } from '../../contract/exit-codes.ts';

/** A failure whose cause is known: `reason` becomes the reason of a condition, `message` names the field and the remedy. */
export class WorkerFailure extends Error {
  readonly exit: Exit;
  readonly reason: string;

  constructor(exit: Exit, reason: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'WorkerFailure';
    this.exit = exit;
    this.reason = reason;
  }
}

/** Thrown when the worker was told to stop; `hasProgress` says whether the next attempt can go on from here. */
export class WorkerStopped extends Error {
  readonly hasProgress: boolean;

  constructor(hasProgress: boolean) {
    super('stopped by SIGTERM');
    this.name = 'WorkerStopped';
    this.hasProgress = hasProgress;
  }
}

/** what an error of the file system means for the next attempt: space can be added, a read-only store must be mounted anew */
const diskCodes = new Map<string, Exit>([
  ['ENOSPC', 'disk'],
  ['EDQUOT', 'disk'],
  ['EROFS', 'export'],
]);

/** Sort any thrown value into one of the known failures; the rest is a bug and worth another try. */
export function asFailure(error: unknown): WorkerFailure {
  if (error instanceof WorkerFailure) return error;
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const exit = diskCodes.get(code);
  if (exit !== undefined) {
    return new WorkerFailure(exit, 'StoreNotWritable', `cannot write: ${message}: give the store more space`, {
      cause: error,
    });
  }
  return new WorkerFailure('internal', 'UnexpectedError', message, { cause: error });
}
