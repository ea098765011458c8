import { S3ServiceException } from '@aws-sdk/client-s3';
import type { SkippedDocument } from '../../../contract/documents.ts';
import type { Exit } from '../../../contract/exit-codes.ts';
import { asFailure, WorkerFailure } from '../../shell/failure.ts';
import type { BucketInput } from '../source.ts';
import { TooMuch } from '../network/body.ts';
import { troubleOf } from '../network/trouble.ts';

/** What the service says of a key, whatever it is asked for. */
const keyErrors = new Set([
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'InvalidToken',
  'ExpiredToken',
  'TokenRefreshRequired',
  'InvalidSecurity',
  // of the Versity gateway
  'XAdminUserNotFound',
]);
const regionErrors = new Set([
  'PermanentRedirect',
  'AuthorizationHeaderMalformed',
  'IllegalLocationConstraintException',
]);

/** The failure of a bucket that cannot be listed. It names the field that is wrong, as far as the service lets it be known. */
export function failureOfBucket(error: unknown, s3: BucketInput): WorkerFailure {
  if (error instanceof WorkerFailure) return error;
  const known = asFailure(error);
  // the disk is full: no fault of the bucket
  if (known.exit === 'export') return known;
  const failure = (exit: Exit, reason: string, message: string): WorkerFailure =>
    new WorkerFailure(exit, reason, message, { cause: error });
  const bucket = `bucket "${s3.bucket}"`;
  if (error instanceof S3ServiceException && error.$metadata.httpStatusCode !== undefined) {
    const { name, message, $metadata } = error;
    const status = $metadata.httpStatusCode ?? 0;
    if (name === 'NoSuchBucket') {
      return failure('source', 'BucketNotFound', `${bucket} does not exist: change spec.files.s3.bucket`);
    }
    if (keyErrors.has(name)) return failure('credentials', 'CredentialsRefused', `${name}: ${keyRemedy(s3)}`);
    if (regionErrors.has(name) || status === 301) return failure('source', 'WrongRegion', wrongRegion(error, s3));
    if (status === 401 || status === 403) {
      return failure('credentials', 'AccessDenied', `${bucket} may not be listed (${name}): ${accessRemedy(s3)}`);
    }
    if (status >= 500 || status === 429) {
      return failure('unavailable', 'BucketUnavailable', `${bucket}: the service answered ${status} (${name})`);
    }
    return failure('source', 'BucketRefused', `${bucket}: ${name}: ${message}: ${endpointRemedy(s3)}`);
  }
  return failureOfConnection(error, s3);
}

export function noBucketService(s3: BucketInput, cause?: unknown): WorkerFailure {
  const message = `"${s3.endpoint ?? 'Amazon S3'}" does not answer as S3 does: ${endpointRemedy(s3)}`;
  return new WorkerFailure('source', 'NoBucketService', message, { cause });
}

function failureOfConnection(error: unknown, s3: BucketInput): WorkerFailure {
  const host = s3.endpoint ?? 'Amazon S3';
  // an answer that is no S3 is an error of the parser, with the answer beside it
  if (error instanceof Error && '$response' in error) return noBucketService(s3, error);
  if (error instanceof Error && error.name === 'CredentialsProviderError') {
    const message = `the identity of the pod gives no credentials: name a Secret in spec.files.s3.secretRef`;
    return new WorkerFailure('credentials', 'CredentialsNotFound', message, { cause: error });
  }
  const { reason, detail, isTransient } = troubleOf(error);
  if (isTransient) {
    const message = `cannot reach "${host}": ${detail}: ${endpointRemedy(s3)}`;
    return new WorkerFailure('unavailable', 'EndpointUnreachable', message, { cause: error });
  }
  const remedy = reason === 'ForbiddenAddress' ? `, or change spec.files.s3.endpoint` : `: ${endpointRemedy(s3)}`;
  return new WorkerFailure('source', reason, `"${host}" of spec.files.s3.endpoint: ${detail}${remedy}`, {
    cause: error,
  });
}

const keyRemedy = ({ credentials }: BucketInput): string =>
  credentials === undefined
    ? 'the identity of the pod is not known to the service'
    : 'put an access key that the service knows into the Secret of spec.files.s3.secretRef';

const accessRemedy = ({ credentials }: BucketInput): string =>
  credentials === undefined
    ? 'name a Secret with credentials in spec.files.s3.secretRef'
    : 'let the key of spec.files.s3.secretRef list and read it';

const endpointRemedy = ({ endpoint }: BucketInput): string =>
  endpoint === null ? 'check spec.files.s3.region' : 'check spec.files.s3.endpoint';

function wrongRegion(error: S3ServiceException, { bucket, region }: BucketInput): string {
  const headers = (error.$response?.headers ?? {}) as Record<string, string | undefined>;
  const named = headers['x-amz-bucket-region'] ?? ('Region' in error ? String(error.Region) : undefined);
  const is = named === undefined ? 'in another region' : `in the region "${named}"`;
  return `bucket "${bucket}" is ${is}, not in "${region}": change spec.files.s3.region`;
}

/** Why one object gave no document; undefined where the bucket as a whole is in trouble. */
export function troubleOfObject(error: unknown): { skip: SkippedDocument['reason']; detail: string } | undefined {
  if (error instanceof TooMuch) return { skip: error.trouble.reason, detail: error.trouble.detail };
  if (!(error instanceof S3ServiceException)) return undefined;
  const detail = `${error.name}: ${error.message}`.slice(0, 512);
  const status = error.$metadata.httpStatusCode ?? 0;
  if (status === 404) return { skip: 'NotFound', detail };
  // archived objects answer 403 too
  return status === 403 && !keyErrors.has(error.name) ? { skip: 'Refused', detail } : undefined;
}
