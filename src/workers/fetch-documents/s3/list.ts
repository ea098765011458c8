import { paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import type { SkippedDocument } from '../../../contract/documents.ts';
import { formatOf } from '../classify.ts';
import type { Selection } from '../select.ts';
import type { BucketInput } from '../source.ts';
import { noBucketService } from './errors.ts';

/** An object to read, or one that need not be read to be refused. */
export type Listed = { key: string; etag: string | undefined } | { path: string; skip: SkippedDocument['reason'] };

/** The wanted objects below the prefix, in the order of their keys, a page of the listing at a time. */
export async function* listObjects(
  client: S3Client,
  s3: BucketInput,
  selection: Selection,
  maxBytes: number,
  signal: AbortSignal,
): AsyncGenerator<Listed> {
  const pages = paginateListObjectsV2({ client }, { Bucket: s3.bucket, Prefix: s3.prefix }, { abortSignal: signal });
  const files = new Set<string>();
  for await (const page of pages) {
    // any page of XML would do for the parser
    if (page.Name === undefined) throw noBucketService(s3);
    for (const { Key: key, ETag: etag, Size: size = 0 } of page.Contents ?? []) {
      // a key that ends so is a folder, as consoles make them
      if (key === undefined || key.endsWith('/') || !selection(key)) continue;
      if (formatOf(key) === undefined) yield { path: key, skip: 'UnknownFormat' };
      else if (size > maxBytes) yield { path: key, skip: 'TooLarge' };
      else if (foldersOf(key).some((folder) => files.has(folder))) yield { path: key, skip: 'BadPath' };
      else {
        files.add(key);
        yield { key, etag };
      }
    }
  }
}

/** In a bucket "a.md" and "a.md/b.md" may lie side by side; in a folder they cannot. */
const foldersOf = (key: string): string[] => [...key.matchAll(/\//g)].map(({ index }) => key.slice(0, index));
