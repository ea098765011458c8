import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readBucket } from '../../src/workers/fetch-documents/s3/index.ts';
import { createSelection } from '../../src/workers/fetch-documents/select.ts';
import type { BucketInput } from '../../src/workers/fetch-documents/source.ts';
import { collect, readContext, type Read, type Reading } from '../web-site/read-all.ts';

/** As the kubelet mounts a Secret. */
export function mountKey(accessKeyId: string, secretAccessKey: string): string {
  const folder = mkdtempSync(join(tmpdir(), 's3-secret-'));
  writeFileSync(join(folder, 'accessKeyId'), accessKeyId);
  writeFileSync(join(folder, 'secretAccessKey'), `${secretAccessKey}\n`);
  return folder;
}

/** Read a bucket as the worker does. */
export async function readAllObjects(s3: Partial<BucketInput>, reading: Reading = {}): Promise<Read> {
  const { include = [], exclude = [], ...rest } = s3;
  const input = { endpoint: null, region: 'us-east-1', bucket: 'docs', prefix: '', include, exclude, ...rest };
  const source = await readBucket(
    input,
    createSelection(include, exclude),
    readContext(reading),
    reading.tuning?.resolve,
  );
  return collect(source);
}
