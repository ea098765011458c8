import type { SkippedDocument } from '../../../contract/documents.ts';
import { ForbiddenAddress } from './guard.ts';

/** Why an address gave no document. */
export interface Trouble {
  reason: SkippedDocument['reason'];
  detail: string;
  /** whether another try later may help, so that a site that is down is not taken for one that is empty */
  isTransient: boolean;
  /** how long the server asked to be left alone */
  retryAfterMs?: number;
}

const timeoutCodes = new Set([
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);
/** of certificates and of the handshake, as Node and OpenSSL name them */
const tlsCode = /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|EPROTO)/;

/** of zlib and Brotli */
const unpackCode = /^(Z_|ERR__ERROR_|ERR_BROTLI)/;

/** Sort what a request threw. */
export function troubleOf(error: unknown): Trouble {
  for (const cause of causes(error)) {
    if (cause instanceof ForbiddenAddress) {
      return { reason: 'ForbiddenAddress', detail: cause.message, isTransient: false };
    }
    const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
    if (cause.name === 'TimeoutError' || timeoutCodes.has(code)) {
      return { reason: 'Timeout', detail: 'the answer did not come to its end in time', isTransient: true };
    }
    if (tlsCode.test(code)) return { reason: 'TlsFailed', detail: `${code}: ${cause.message}`, isTransient: false };
    if (unpackCode.test(code)) {
      return { reason: 'HttpError', detail: `cannot be unpacked: ${cause.message}`, isTransient: true };
    }
    if (code === 'ENOTFOUND') return { reason: 'Unreachable', detail: 'the host has no address', isTransient: true };
    if (code !== '') return { reason: 'Unreachable', detail: `${code}: ${cause.message}`, isTransient: true };
  }
  return { reason: 'Unreachable', detail: error instanceof Error ? error.message : String(error), isTransient: true };
}

/** The innermost first: it tells most. */
function causes(error: unknown): Error[] {
  if (!(error instanceof Error)) return [];
  const inner = error instanceof AggregateError ? (error.errors as unknown[]) : [error.cause];
  return [...inner.flatMap(causes), error];
}

/** Why a status is no document; undefined for one that is. */
export function troubleOfStatus(status: number, retryAfterMs: number | undefined): Trouble | undefined {
  if (status >= 200 && status < 300) return undefined;
  const detail = `answered ${status}`;
  if (status === 404 || status === 410) return { reason: 'NotFound', detail, isTransient: false };
  if (status === 401 || status === 403 || status === 451) return { reason: 'Refused', detail, isTransient: false };
  const isTransient = status === 408 || status === 425 || status === 429 || status >= 500;
  return { reason: 'HttpError', detail, isTransient, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}
