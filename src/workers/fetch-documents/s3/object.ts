import { Readable } from 'node:stream';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Candidate } from '../source.ts';
import { saveBody } from '../network/save.ts';
import type { KeptRecord, SourceState } from '../network/state.ts';
import { troubleOfObject } from './errors.ts';

export interface ObjectReading {
  client: S3Client;
  bucket: string;
  state: SourceState<KeptRecord>;
  maxBytes: number;
  signal: AbortSignal;
}

/** of one object; documents are a few megabytes */
const timeoutMs = 300_000;

/** One object: from the cache while it has the ETag, else from the bucket. Throws where the bucket as a whole is in trouble. */
export async function readObject(key: string, etag: string | undefined, reading: ObjectReading): Promise<Candidate> {
  const { state } = reading;
  const kept = await state.find(key);
  if (kept?.etag !== undefined && kept.etag === etag) {
    state.reuse(kept);
    return { path: key, content: await state.read(kept) };
  }
  try {
    return { path: key, content: await state.read(await download(key, reading)) };
  } catch (error) {
    const trouble = troubleOfObject(error);
    if (trouble === undefined) throw error;
    return { path: key, ...trouble };
  }
}

async function download(key: string, { client, bucket, state, maxBytes, signal }: ObjectReading): Promise<KeptRecord> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: limit });
  if (!(answer.Body instanceof Readable)) throw new Error(`the body of "${key}" is no stream`);
  const file = state.newFile();
  const saved = await saveBody(answer.Body, answer.ContentEncoding ?? '', file, { maxBytes, signal: limit });
  const record: KeptRecord = {
    url: key,
    ...saved,
    ...(answer.ETag === undefined ? {} : { etag: answer.ETag }),
    fetchedAt: new Date().toISOString(),
  };
  await state.keep(record, file);
  return record;
}
