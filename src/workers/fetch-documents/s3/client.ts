import { readFile } from 'node:fs/promises';
import { Agent as PlainAgent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { join } from 'node:path';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { WorkerFailure } from '../../shell/failure.ts';
import type { BucketInput } from '../source.ts';
import type { Guard } from '../network/guard.ts';

const connectionTimeout = 10_000;
/** without a byte */
const idleTimeout = 30_000;
const attempts = 3;

/** A client for one bucket that connects to public addresses and allowed networks alone. */
export async function openBucketClient(s3: BucketInput, guard: Guard): Promise<S3Client> {
  const { lookup } = guard;
  const connections = { keepAlive: true, maxSockets: 16, lookup };
  return new S3Client({
    region: s3.region,
    // other services rarely have a name for each bucket
    ...(s3.endpoint === null ? {} : { endpoint: s3.endpoint, forcePathStyle: true }),
    maxAttempts: attempts,
    requestHandler: new NodeHttpHandler({
      connectionTimeout,
      socketTimeout: idleTimeout,
      httpAgent: new PlainAgent(connections),
      httpsAgent: new TlsAgent(connections),
    }),
    ...(await identity(s3.credentials)),
  });
}

/** What a cluster gives a pod that it trusts: IRSA and Pod Identity of EKS, and what speaks their protocols. */
const ambient = [
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
];

async function identity(folder: string | undefined): Promise<S3ClientConfig> {
  if (folder !== undefined) {
    const [accessKeyId, secretAccessKey] = [await key(folder, 'accessKeyId'), await key(folder, 'secretAccessKey')];
    return { credentials: { accessKeyId, secretAccessKey } };
  }
  // the identity of the node is not the user's to use
  process.env['AWS_EC2_METADATA_DISABLED'] = 'true';
  if (ambient.some((name) => (process.env[name] ?? '') !== '')) return {};
  return {
    credentials: { accessKeyId: '', secretAccessKey: '' },
    signer: { sign: (request) => Promise.resolve(request) },
  };
}

async function key(folder: string, name: string): Promise<string> {
  const text = await readFile(join(folder, name), 'utf8').catch((error: unknown) => {
    const message = `the Secret of spec.files.s3.secretRef has no key "${name}"`;
    throw new WorkerFailure('credentials', 'CredentialsNotFound', message, { cause: error });
  });
  if (text.trim() !== '') return text.trim();
  throw new WorkerFailure('credentials', 'CredentialsNotFound', `"${name}" of spec.files.s3.secretRef is empty`);
}
