import diagnostics from 'node:diagnostics_channel';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startBucketServer, type BucketServer } from '../s3/index.ts';
import { mountKey, readAllObjects } from '../s3/read-bucket.ts';
import { listen } from '../web-site/index.ts';

let server: BucketServer;
let input: { endpoint: string; credentials: string };

// the server is built from source where it is not there yet
beforeAll(async () => {
  server = await startBucketServer();
  const { accessKeyId, secretAccessKey } = server.credentials;
  input = { endpoint: server.url, credentials: mountKey(accessKeyId, secretAccessKey) };
}, 900_000);
afterAll(() => server.close());

describe('the documents of a bucket', () => {
  test('are the wanted objects below the prefix, and each refusal has its reason', async () => {
    await server.fill('docs', {
      'docs/a.md': '# A\n',
      'docs/deep/ü b.md': '# Ü\n',
      'docs/drafts/c.md': 'draft',
      'docs/folder/': '',
      'docs/logo.png': 'x',
      'docs/large.txt': 'x'.repeat(1001),
      'other/d.md': 'other',
    });
    const read = await readAllObjects(
      { ...input, prefix: 'docs/', exclude: ['docs/drafts'] },
      { maxDocumentBytes: 1000 },
    );
    expect(read).toEqual({
      documents: [
        { path: 'docs/a.md', content: '# A\n' },
        { path: 'docs/deep/ü b.md', content: '# Ü\n' },
      ],
      skipped: [
        { path: 'docs/large.txt', reason: 'TooLarge', detail: '' },
        { path: 'docs/logo.png', reason: 'UnknownFormat', detail: '' },
      ],
    });
  });

  test('[T1] are not read again while they do not change', async () => {
    await server.fill('kept', { 'a.md': 'one', 'b.md': 'two' });
    const store = mkdtempSync(join(tmpdir(), 'bucket-store-'));
    const s3 = { ...input, bucket: 'kept' };
    const first = await readAllObjects(s3, { store });
    let gets = 0;
    const stop = countGets(() => gets++);
    expect(await readAllObjects(s3, { store })).toEqual(first);
    expect(gets).toBe(0);
    await server.client.send(new PutObjectCommand({ Bucket: 'kept', Key: 'b.md', Body: 'three' }));
    await server.client.send(new DeleteObjectCommand({ Bucket: 'kept', Key: 'a.md' }));
    const changed = await readAllObjects(s3, { store });
    stop();
    expect(changed.documents).toEqual([{ path: 'b.md', content: 'three' }]);
    expect(gets).toBe(1);
  });

  test('come in pages of the listing, in the order of their keys', async () => {
    const keys = Array.from({ length: 1100 }, (_, index) => `${String(index).padStart(4, '0')}.md`);
    await server.fill('many', Object.fromEntries(keys.map((key) => [key, key])));
    const { documents } = await readAllObjects({ ...input, bucket: 'many' });
    expect(documents.map(({ path }) => path)).toEqual(keys);
  });

  test('are unpacked where they were stored packed, and a bomb is refused', async () => {
    await server.fill('packed', { 'a.md': gzipSync('packed text'), 'b.md': gzipSync(Buffer.alloc(2 ** 24)) }, 'gzip');
    const read = await readAllObjects({ ...input, bucket: 'packed' });
    expect(read.documents).toEqual([{ path: 'a.md', content: 'packed text' }]);
    expect(read.skipped).toMatchObject([{ path: 'b.md', reason: 'Bomb' }]);
  });

  test('may be read without credentials where the bucket lets anybody', async () => {
    await server.fill('open', { 'a.md': 'open' });
    const s3 = { endpoint: server.url, bucket: 'open' };
    await expect(readAllObjects(s3)).rejects.toMatchObject({ exit: 'credentials', reason: 'AccessDenied' });
    await expect(readAllObjects(s3)).rejects.toThrow('spec.files.s3.secretRef');
    await server.open('open');
    expect((await readAllObjects(s3)).documents).toEqual([{ path: 'a.md', content: 'open' }]);
  });
});

describe('the identity of the pod', () => {
  test('is used where no Secret is named, and is told when the service does not know it', async () => {
    await server.fill('trusted', { 'a.md': 'trusted' });
    let { accessKeyId, secretAccessKey } = server.credentials;
    // as the agents of clouds answer
    const agent = createServer((_request, response) => {
      const Expiration = new Date(Date.now() + 3_600_000).toISOString();
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({ AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, Token: '', Expiration }),
      );
    });
    const { url, close } = await listen(agent);
    vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', `${url}/credentials`);
    const s3 = { endpoint: server.url, bucket: 'trusted' };
    try {
      expect((await readAllObjects(s3)).documents).toEqual([{ path: 'a.md', content: 'trusted' }]);
      [accessKeyId, secretAccessKey] = ['stranger', 'x'];
      await expect(readAllObjects(s3)).rejects.toMatchObject({ exit: 'credentials', reason: 'CredentialsRefused' });
      await expect(readAllObjects(s3)).rejects.toThrow('the identity of the pod is not known');
    } finally {
      vi.unstubAllEnvs();
      close();
    }
  });
});

/** Count the objects that are read, by the method that every request of this process goes through. */
function countGets(count: () => void): () => void {
  const channel = 'http.client.request.start';
  const listener = (message: unknown): void => {
    const { request } = message as { request: { method: string; path: string } };
    if (request.method === 'GET' && request.path.includes('x-id=GetObject')) count();
  };
  diagnostics.subscribe(channel, listener);
  return () => diagnostics.unsubscribe(channel, listener);
}

describe('a wrong field is named', () => {
  test.each([
    ['bucket', { bucket: 'nowhere' }, 'source', 'BucketNotFound', 'change spec.files.s3.bucket'],
    ['region', { region: 'eu-west-1' }, 'source', 'WrongRegion', 'region "us-east-1", not in "eu-west-1"'],
    ['key', { credentials: mountKey('nobody', 'x') }, 'credentials', 'CredentialsRefused', 'spec.files.s3.secretRef'],
    ['secret', { credentials: mountKey('reader', 'x') }, 'credentials', 'CredentialsRefused', 'SignatureDoesNotMatch'],
  ])('%s', async (_, wrong, exit, reason, message) => {
    const reading = readAllObjects({ ...input, ...wrong });
    await expect(reading).rejects.toMatchObject({ exit, reason, message: expect.stringContaining(message) as string });
  });
});
