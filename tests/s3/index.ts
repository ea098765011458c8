/** A real S3 server for tests: the Versity gateway on folders of the machine. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand, PutBucketPolicyCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { freePort } from '../builders/free-port.ts';
import { binaries } from '../cluster/binaries.ts';

export interface BucketServer {
  url: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  client: S3Client;
  /** Make a bucket with these objects. */
  fill(bucket: string, objects: Record<string, string | Buffer>, encoding?: string): Promise<void>;
  /** Let anybody list and read a bucket. */
  open(bucket: string): Promise<void>;
  close(): Promise<void>;
}

const startMs = 20_000;

export async function startBucketServer(): Promise<BucketServer> {
  const { versitygw } = await binaries(['versitygw']);
  const root = mkdtempSync(join(tmpdir(), 's3-server-'));
  for (const name of ['buckets', 'metadata']) mkdirSync(join(root, name));
  const port = await freePort();
  const credentials = { accessKeyId: 'reader', secretAccessKey: 'reader-secret' };
  const log = openSync(join(root, 'log'), 'a');
  const child = spawn(
    versitygw,
    ['--quiet', '--port', `127.0.0.1:${port}`, 'posix', '--sidecar', join(root, 'metadata'), join(root, 'buckets')],
    {
      stdio: ['ignore', log, log],
      env: { ROOT_ACCESS_KEY: credentials.accessKeyId, ROOT_SECRET_KEY: credentials.secretAccessKey },
    },
  );
  const url = `http://127.0.0.1:${port}`;
  await untilAnswering(url, () => child.exitCode === null || readFileSync(join(root, 'log'), 'utf8'));
  const client = new S3Client({ endpoint: url, region: 'us-east-1', forcePathStyle: true, credentials });
  return {
    url,
    credentials,
    client,
    async fill(bucket, objects, encoding) {
      await client.send(new CreateBucketCommand({ Bucket: bucket }));
      const put = ([key, body]: [string, string | Buffer]) =>
        client.send(
          new PutObjectCommand({ Bucket: bucket, Key: key, Body: Buffer.from(body), ContentEncoding: encoding }),
        );
      await Promise.all(Object.entries(objects).map(put));
    },
    async open(bucket) {
      const names = [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`];
      const statement = { Effect: 'Allow', Principal: '*', Action: ['s3:ListBucket', 's3:GetObject'], Resource: names };
      const policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
      await client.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: policy }));
    },
    async close() {
      client.destroy();
      const ended = once(child, 'exit');
      child.kill();
      await ended;
      rmSync(root, { recursive: true });
    },
  };
}

/** `isRunning` gives the log of a server that ended. */
async function untilAnswering(url: string, isRunning: () => true | string): Promise<void> {
  const deadline = Date.now() + startMs;
  for (;;) {
    const running = isRunning();
    if (running !== true || Date.now() > deadline) throw new Error(`the S3 server did not start: ${String(running)}`);
    if (
      await fetch(url).then(
        () => true,
        () => false,
      )
    )
      return;
    await sleep(50);
  }
}
