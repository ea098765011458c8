import table from './exit-codes.json' with { type: 'json' };

/** Why a worker stopped. The same table is read by the Python workers, so a code means one thing in both languages. */
export type Exit = keyof typeof table;

export const exitCode = (exit: Exit): number => table[exit].code;

/** What a code alone says, when the worker left no message; undefined for a code that no worker of ours has. */
export const meaningOf = (code: number): { reason: string; meaning: string } | undefined =>
  Object.values(table).find((exit) => exit.code === code);

/** Codes after which another attempt cannot help; the Job fails at once by its podFailurePolicy. */
export const terminalExitCodes: readonly number[] = Object.values(table)
  .filter((exit) => exit.isTerminal)
  .map((exit) => exit.code);

/** Codes of a worker that stopped through no fault of its own: neither a failure nor counted against backoffLimit. */
export const preemptedExitCodes: readonly number[] = [
  exitCode('preemptedSaved'),
  exitCode('preemptedUnsaved'),
  exitCode('peerLost'),
];
