import { writeFile } from 'node:fs/promises';
import { exitCode } from '../../contract/exit-codes.ts';
import { maxResultBytes, type Failure, type Success, type WorkerName } from '../../contract/result.ts';
import type { WorkerFailure } from './failure.ts';

export const maxMessageLength = 1024;
/** of a status, which has one more for the rest */
const mostCounts = 31;
/** as in the pattern of the contract */
const reasonPattern = /^[A-Z][A-Za-z0-9]{1,63}$/;

export function failureResult(failure: WorkerFailure): Failure {
  return {
    version: 1,
    reason: reasonPattern.test(failure.reason) ? failure.reason : 'UnexpectedError',
    message: cut(failure.message, maxMessageLength),
    exitCode: exitCode(failure.exit),
  };
}

export const cut = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`;

/** Serialise within the 4096 bytes that Kubernetes keeps, with as many counts as a status has: long counts are folded first, then the message is cut. */
export function renderResult(result: Failure | Success<WorkerName>): string {
  for (const keep of [mostCounts, 24, 12, 6, 3]) {
    const text = JSON.stringify(foldCounts(result, keep));
    if (fits(text)) return text;
  }
  for (const length of [512, 256, 64]) {
    const text = JSON.stringify({ ...(foldCounts(result, 3) as object), message: cut(result.message, length) });
    if (fits(text)) return text;
  }
  throw new Error('the result does not fit a termination message');
}

const fits = (text: string): boolean => Buffer.byteLength(text) <= maxResultBytes;

const isCounts = (value: object): value is Record<string, number> =>
  Object.values(value).every((count) => typeof count === 'number');

/** Only maps named `by…` have open keys: the largest counts stay, the rest is summed up under `other`. */
function foldCounts(value: unknown, keep: number, key = ''): unknown {
  if (Array.isArray(value) || typeof value !== 'object' || value === null) return value;
  if (key.startsWith('by') && isCounts(value)) {
    const entries = Object.entries(value).sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
    const rest = entries.slice(keep).reduce((sum, [, count]) => sum + count, 0);
    return Object.fromEntries([...entries.slice(0, keep), ...(rest > 0 ? [['other', rest] as const] : [])]);
  }
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, foldCounts(member, keep, name)]));
}

export async function writeResult(path: string, result: Failure | Success<WorkerName>): Promise<void> {
  await writeFile(path, renderResult(result));
}
