import { APIConnectionError, APIError, APIUserAbortError } from 'openai';
import { WorkerFailure } from '../shell/failure.ts';

/** Whether an endpoint refused the request for its output format, so that a weaker one is worth a try. */
export const isFormatRefusal = (error: unknown): boolean =>
  error instanceof APIError &&
  (error.status === 400 || error.status === 422) &&
  /response_?format|json_schema|json_object|structured|guided/i.test(error.message);

export type Verdict =
  /** worth another try, after this long if the endpoint said so */
  | { retry: string; afterMs: number | undefined }
  /** this prompt alone: others may work */
  | { reject: string; detail: string }
  | { failure: WorkerFailure };

/** Sort what a request threw. Messages of 401 and 403 are not repeated, since some quote the key. */
export function judge(error: unknown): Verdict {
  if (error instanceof WorkerFailure) return { failure: error };
  if (error instanceof APIUserAbortError) throw error;
  if (error instanceof APIConnectionError) return { retry: error.message, afterMs: undefined };
  if (!(error instanceof APIError)) throw error;
  const refusal = error as Refusal;
  const { status } = refusal;
  const code = error.code ?? error.type ?? '';
  if (status === 401 || status === 403) return fail('credentials', 'AuthFailed', authMessage(status));
  if (status === 402 || /insufficient_(?:quota|balance|user_quota)/.test(code)) {
    const message = 'the account of spec.generator.openai has no balance left: top it up, then reconcile again';
    return fail('budget', 'InsufficientBalance', message);
  }
  if (status === 404) return fail('config', 'UnknownModel', notFoundMessage(refusal));
  if (status === undefined || status === 408 || status === 409 || status === 429 || status >= 500) {
    return { retry: `status ${status ?? 'unknown'}`, afterMs: retryAfter(refusal) };
  }
  if (/context|maximum.{0,20}length|too (?:long|many tokens)/i.test(error.message)) {
    return { reject: 'TOO_LONG_FOR_MODEL', detail: error.message };
  }
  if (/content.?(?:filter|policy)|moderation|risk/i.test(`${code} ${error.message}`)) {
    return { reject: 'REFUSED', detail: error.message };
  }
  return fail(
    'config',
    'EndpointRefused',
    `the endpoint refuses the request: ${error.message}: check spec.generator.openai`,
  );
}

/** as the client throws it: it has neither status nor headers when the stream broke */
type Refusal = APIError<number | undefined, Headers | undefined, object | undefined>;

const fail = (...args: ConstructorParameters<typeof WorkerFailure>): Verdict => ({
  failure: new WorkerFailure(...args),
});

const authMessage = (status: number): string =>
  `the endpoint refuses the API key (status ${status}): correct the Secret of spec.generator.openai.apiKeySecretRef`;

const notFoundMessage = (error: Refusal): string =>
  `the endpoint knows no such model or address (${error.message}): correct spec.generator.openai.model or baseURL`;

/** Milliseconds that the endpoint asks to wait: seconds or a date (RFC 9110). */
function retryAfter(error: Refusal): number | undefined {
  const value = error.headers?.get('retry-after');
  if (value === null || value === undefined) return undefined;
  const ms = /^\d+(?:\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
