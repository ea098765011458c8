import { APIConnectionError, APIConnectionTimeoutError, APIError } from 'openai';
import { WorkerFailure } from '../shell/failure.ts';
import { askedWaitMs } from './asked-wait.ts';
import { PromptRejected, type Trouble } from './trouble.ts';

export interface Retry {
  retry: Trouble;
  detail: string;
  afterMs: number | undefined;
  /** whether fewer requests at a time may help */
  isOverload: boolean;
  /** whether an endpoint that is down or restarts would say the same to any question */
  isOutage: boolean;
}

export type Verdict =
  /** worth another try, after this long if the endpoint said so */
  | Retry
  /** for this question alone; others may work */
  | { reject: PromptRejected }
  /** no request will work until a person changes something */
  | { failure: WorkerFailure };

/** An answer of the HTTP server that is no success, in the words of the provider. */
interface Refusal {
  status: number;
  /** code, type and message in one, since providers differ in where they put what */
  text: string;
  detail: string;
}

const balance =
  /insufficient.{0,12}(?:quota|balance|credit|fund)|exceeded_current_quota|credit balance is too low|billing_(?:hard_limit|not_active)|arrearage|余额不足|欠费/i;
const tooLong =
  /context.{0,20}(?:length|window|size)|maximum.{0,30}(?:length|tokens)|(?:prompt|input|request).{0,20}too (?:long|large)|too many (?:input )?tokens|string_above_max_length/i;
const moderated = /content.?(?:filter|policy|management)|moderation|flagged|safety|data_inspection|risk|sensitive/i;
const unknownModel = /model.{0,80}(?:not.{0,3}(?:found|exist)|is unknown)|(?:unknown|invalid|no such) model/i;

/**
 * Sort what a request threw. `field` names the endpoint in the spec, for messages.
 * Messages of 401 and 403 are not repeated, since some quote the key.
 */
export function judge(error: unknown, field: string): Verdict {
  if (error instanceof WorkerFailure) return { failure: error };
  if (error instanceof PromptRejected) return { reject: error };
  if (error instanceof APIConnectionTimeoutError) return retry('timeout', 'no answer in time', { isOverload: true });
  if (error instanceof APIConnectionError) return connectionVerdict(error, field);
  if (!(error instanceof APIError)) throw error;
  // as the client throws it: status and headers lack when the answer was none
  const known = error as APIError<number | undefined, Headers | undefined, object | undefined>;
  const status = known.status ?? 502;
  const text = [known.code, known.type, known.message].join(' ');
  const refusal = { status, text, detail: known.message.slice(0, 500) };
  return refusedForGood(refusal, field) ?? passing(refusal, known.headers) ?? refusedRequest(refusal, field);
}

/** answers of servers that have too much to do; a plain 500 or 502 does not tell */
const overloads = new Set([429, 503, 504, 529]);

/** answers of a gateway whose server is away; a server that stumbles over one question says 500, or nothing in time */
const outages = new Set([502, 503, 529]);

interface Blame {
  isOverload?: boolean;
  isOutage?: boolean;
}

const retry = (
  trouble: Trouble,
  detail: string,
  { isOverload = false, isOutage = false }: Blame,
  afterMs?: number,
): Verdict => ({ retry: trouble, detail, isOverload, isOutage, afterMs });

/** codes of OpenSSL that no second try mends */
const untrusted = /SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|CERT_|ALTNAME/;

function connectionVerdict(error: Error, field: string): Verdict {
  const cause = innermost(error);
  if ('code' in cause && untrusted.test(String(cause.code))) {
    const message = `the certificate of the endpoint is not trusted (${cause.message}): name its authority in ${field}.caConfigMapRef`;
    return fail('config', 'EndpointUntrusted', message);
  }
  // undici's words for a proxy that says no
  if (/proxy response \((?:401|403|407)\)|proxy authentication required/i.test(cause.message)) {
    return proxyRefused(field, cause.message);
  }
  return retry('connection', cause.message, { isOutage: true });
}

const proxyRefused = (field: string, detail: string): Verdict =>
  fail('config', 'ProxyRefused', `the proxy refuses the connection (${detail}): correct ${field}.proxy`);

const innermost = (error: Error): Error => (error.cause instanceof Error ? innermost(error.cause) : error);

const fail = (...args: ConstructorParameters<typeof WorkerFailure>): Verdict => ({
  failure: new WorkerFailure(...args),
});

function refusedForGood({ status, text, detail }: Refusal, field: string): Verdict | undefined {
  if (status === 402 || (status < 500 && balance.test(text))) {
    const message = `the account of ${field} has no balance left: top it up, then reconcile again; what is paid for is kept`;
    return fail('budget', 'InsufficientBalance', message);
  }
  if (status === 403 && moderated.test(text)) return { reject: new PromptRejected('REFUSED', detail) };
  if (status === 401 || status === 403) {
    const message = `the endpoint refuses the API key (status ${status}): correct the Secret of ${field}.apiKeySecretRef`;
    return fail('credentials', 'AuthFailed', message);
  }
  if (status === 404 || (status === 400 && unknownModel.test(text))) {
    const message = `the endpoint knows no such model or address (${detail}): correct ${field}.model or ${field}.baseURL`;
    return fail('config', 'UnknownModel', message);
  }
  if (status >= 300 && status < 400) {
    const message = `the endpoint sends requests elsewhere (status ${status}): correct ${field}.baseURL`;
    return fail('config', 'EndpointRefused', message);
  }
  return undefined;
}

function passing({ status, detail }: Refusal, headers: Headers | undefined): Verdict | undefined {
  const trouble = passingTrouble(status);
  if (trouble === undefined) return undefined;
  const blame = { isOverload: overloads.has(status), isOutage: outages.has(status) };
  return retry(trouble, `status ${status}: ${detail}`, blame, askedWaitMs(headers));
}

function passingTrouble(status: number): Trouble | undefined {
  if (status === 429) return 'rate-limited';
  if (status === 408 || status === 504) return 'timeout';
  return status === 409 || status === 425 || status >= 500 ? 'unavailable' : undefined;
}

function refusedRequest({ status, text, detail }: Refusal, field: string): Verdict {
  if (status === 413 || tooLong.test(text)) return { reject: new PromptRejected('TOO_LONG_FOR_MODEL', detail) };
  if (moderated.test(text)) return { reject: new PromptRejected('REFUSED', detail) };
  return fail('config', 'EndpointRefused', `the endpoint refuses the request (${detail}): check ${field}`);
}
