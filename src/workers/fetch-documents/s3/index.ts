import { createHash } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';
import { mapInOrder } from '../in-order.ts';
import type { Selection } from '../select.ts';
import type { BucketInput, Candidate, ReadContext, Source } from '../source.ts';
import { createGuard, type Resolve } from '../network/guard.ts';
import { openState, type KeptRecord } from '../network/state.ts';
import { openBucketClient } from './client.ts';
import { failureOfBucket } from './errors.ts';
import { listObjects } from './list.ts';
import { readObject } from './object.ts';

/** objects that are read ahead of the one that is asked for */
const window = 8;

/**
 * The objects of a bucket below a prefix, in the order of their keys; a key is the path. Objects are kept in the store's cache, and
 * read again only when their ETag changed. Failures of the bucket as a whole are thrown at the first candidate.
 */
export const readBucket = (
  s3: BucketInput,
  selection: Selection,
  context: ReadContext,
  resolve?: Resolve,
): Promise<Source> => Promise.resolve({ revision: undefined, candidates: candidates(s3, selection, context, resolve) });

async function* candidates(
  s3: BucketInput,
  selection: Selection,
  { store, limits, allowedNetworks, signal, progress }: ReadContext,
  resolve: Resolve | undefined,
): AsyncGenerator<Candidate> {
  const guard = createGuard(allowedNetworks, resolve);
  const state = await openState<KeptRecord>(await store.cache(`s3/${cacheKey(s3)}`));
  // ends what is still under way when the reader has enough or fails
  const ended = new AbortController();
  const running = AbortSignal.any([signal, ended.signal]);
  let client: S3Client | undefined;
  let done = 0;
  try {
    if (s3.endpoint !== null) guard.checkLiteral(new URL(s3.endpoint).hostname);
    client = await openBucketClient(s3, guard);
    const maxBytes = limits.maxDocumentBytes;
    const reading = { client, bucket: s3.bucket, state, maxBytes, signal: running };
    const listed = listObjects(client, s3, selection, maxBytes, running);
    const read = mapInOrder(listed, window, (found): Promise<Candidate> => {
      return 'skip' in found ? Promise.resolve(found) : readObject(found.key, found.etag, reading);
    });
    for await (const candidate of read) {
      yield candidate;
      progress.report({ metrics: { objects_done: ++done } });
    }
    await state.prune();
  } catch (error) {
    signal.throwIfAborted();
    throw failureOfBucket(error, s3);
  } finally {
    ended.abort();
    client?.destroy();
  }
}

const cacheKey = ({ endpoint, region, bucket, prefix }: BucketInput): string =>
  createHash('sha256')
    .update(JSON.stringify([endpoint, region, bucket, prefix]))
    .digest('hex')
    .slice(0, 32);
