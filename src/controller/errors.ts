import type { Action, Manifest } from './plan.ts';

/** The `Status` object with which the API server refuses a request. */
export interface StatusBody {
  message?: string;
  reason?: string;
  details?: { retryAfterSeconds?: number; causes?: readonly { reason?: string; message?: string }[] };
}

/** The API server answered, and said no. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** the HTTP status, or the code of an ERROR event */
  readonly code: number;
  /** CamelCase, for instance `AlreadyExists` or `Conflict`, which share the code 409 */
  readonly reason: string;
  readonly retryAfterSeconds: number | undefined;
  readonly causes: readonly string[];

  constructor(code: number, body: StatusBody, retryAfterSeconds?: number) {
    super(body.message ?? `the API server answered with status ${code}`);
    this.code = code;
    this.reason = body.reason ?? '';
    this.retryAfterSeconds = retryAfterSeconds ?? body.details?.retryAfterSeconds;
    this.causes = (body.details?.causes ?? []).flatMap((cause) => (cause.reason === undefined ? [] : [cause.reason]));
  }
}

/** An action of a plan failed. */
export class ActionError extends Error {
  override readonly name = 'ActionError';

  constructor(type: Action['type'], object: Manifest, cause: unknown) {
    const verb = { apply: 'applied', patch: 'changed', remove: 'removed' }[type];
    super(`${object.kind} "${object.metadata?.name ?? ''}" cannot be ${verb}: ${messageOf(cause)}`, { cause });
  }
}

/** This process may no longer write: its lease ran out. */
export class NotLeaderError extends Error {
  override readonly name = 'NotLeaderError';
  constructor() {
    super('this replica is not the leader');
  }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export const isNotFound = (error: unknown): boolean => error instanceof ApiError && error.code === 404;
export const isGone = (error: unknown): boolean => error instanceof ApiError && error.code === 410;
export const isConflict = (error: unknown): boolean =>
  error instanceof ApiError && error.code === 409 && error.reason !== 'AlreadyExists';

/**
 * stalled: only the user can mend it, so wait for a change. waiting: something watched is not there yet or is going away.
 * retry: everything else, with backoff and without a counter that gives up.
 */
export interface Trouble {
  sort: 'stalled' | 'waiting' | 'retry';
  /** CamelCase */
  reason: string;
  message: string;
  retryAfterSeconds?: number;
}

const retry = (reason: string, message: string): Trouble => ({ sort: 'retry', reason, message });

function sortAnswer(error: ApiError, message: string): Trouble {
  switch (error.code) {
    case 400:
    case 422:
      return { sort: 'stalled', reason: 'InvalidObject', message };
    case 403:
      if (error.causes.includes('NamespaceTerminating'))
        return { sort: 'waiting', reason: 'NamespaceTerminating', message };
      if (error.message.includes('exceeded quota')) return retry('QuotaExceeded', message);
      return retry('Forbidden', message);
    case 404:
      return retry('NotFound', message);
    case 409:
      return retry('Conflict', message);
    case 429:
      return { ...retry('TooManyRequests', message), retryAfterSeconds: error.retryAfterSeconds ?? 1 };
    default:
      return retry('ServerError', message);
  }
}

/** Sort trouble, in this one place, by what helps against it. */
export function sortTrouble(error: unknown): Trouble {
  const cause = error instanceof ActionError ? error.cause : error;
  const message = messageOf(error);
  if (cause instanceof ApiError) return sortAnswer(cause, message);
  if (cause instanceof NotLeaderError) return { sort: 'waiting', reason: 'NotLeader', message };
  if (isConnectionError(cause)) return retry('Unreachable', `the API server cannot be reached: ${message}`);
  return retry('InternalError', message);
}

const isConnectionError = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string';
