import { createServer, type RequestListener } from 'node:http';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { listen } from '../../../../tests/web-site/index.ts';
import { mountKey, readAllObjects } from '../../../../tests/s3/read-bucket.ts';
import { createCertificates } from '../../../progress/certificate.ts';
import { serve as serveSite } from '../../../../tests/web-site/serve.ts';

// a busy machine answers late
vi.setConfig({ testTimeout: 30_000 });

const closers: (() => void)[] = [];
afterAll(() => closers.forEach((close) => close()));

/** What no real server does when it is asked to. */
async function serve(handle: RequestListener): Promise<string> {
  const { url, close } = await listen(createServer(handle));
  closers.push(close);
  return url;
}

const listing = (...objects: [key: string, size: number][]): string =>
  `<ListBucketResult><Name>docs</Name>${objects
    .map(([key, size]) => `<Contents><Key>${key}</Key><Size>${size}</Size><ETag>"1"</ETag></Contents>`)
    .join('')}</ListBucketResult>`;
const problem = (code: string): string => `<Error><Code>${code}</Code><Message>scripted</Message></Error>`;

describe('a bucket that cannot be read', () => {
  test.each([
    ['no S3', 200, '<html><body>Welcome', 'source', 'NoBucketService', 'check spec.files.s3.endpoint'],
    ['no S3, and no page either', 404, 'not found', 'source', 'NoBucketService', 'check spec.files.s3.endpoint'],
    ['XML, but no listing', 200, '<html><body/></html>', 'source', 'NoBucketService', 'does not answer as S3'],
    ['a wrong request', 400, problem('InvalidArgument'), 'source', 'BucketRefused', 'InvalidArgument'],
    ['another region', 301, problem('PermanentRedirect'), 'source', 'WrongRegion', 'change spec.files.s3.region'],
    ['no permission', 403, problem('AccessDenied'), 'credentials', 'AccessDenied', 'let the key'],
    ['an old key', 400, problem('ExpiredToken'), 'credentials', 'CredentialsRefused', 'ExpiredToken'],
    ['too many requests', 503, problem('SlowDown'), 'unavailable', 'BucketUnavailable', 'answered 503'],
  ])('%s', async (_, status, body, exit, reason, message) => {
    const endpoint = await serve((_request, response) => response.writeHead(status).end(body));
    const reading = readAllObjects({ endpoint, credentials: mountKey('reader', 'x') });
    await expect(reading).rejects.toMatchObject({ exit, reason, message: expect.stringContaining(message) as string });
  });

  test('when nobody listens', async () => {
    const { url, close } = await listen(createServer());
    close();
    const reading = readAllObjects({ endpoint: url });
    await expect(reading).rejects.toMatchObject({ exit: 'unavailable', reason: 'EndpointUnreachable' });
    await expect(reading).rejects.toThrow('ECONNREFUSED');
  });

  test('with a certificate of an unknown authority', async () => {
    const { key, certificate: cert } = await createCertificates(['127.0.0.1'], new Date());
    const { url } = await serveSite({}, { key, cert });
    await expect(readAllObjects({ endpoint: url })).rejects.toMatchObject({ exit: 'source', reason: 'TlsFailed' });
  });

  test('at an address that is not public, written or looked up', async () => {
    let asked = 0;
    const endpoint = await serve((_request, response) => {
      asked++;
      response.end(listing());
    });
    const written = readAllObjects({ endpoint }, { allowedNetworks: [] });
    await expect(written).rejects.toMatchObject({ exit: 'source', reason: 'ForbiddenAddress' });
    await expect(written).rejects.toThrow(/spec\.files\.s3\.endpoint.*allowedNetworks/);
    const named = { endpoint: endpoint.replace('127.0.0.1', 'localhost') };
    await expect(readAllObjects(named, { allowedNetworks: [] })).rejects.toMatchObject({ reason: 'ForbiddenAddress' });
    expect(asked).toBe(0);
  });

  test.each([
    ['a key without its secret', 'accessKeyId', 'has no key "secretAccessKey"'],
    ['an empty Secret', '', 'has no key "accessKeyId"'],
  ])('with %s', async (_, name, message) => {
    const credentials = mkdtempSync(join(tmpdir(), 's3-secret-'));
    if (name !== '') writeFileSync(join(credentials, name), 'reader');
    const reading = readAllObjects({ endpoint: 'http://127.0.0.1:1', credentials });
    await expect(reading).rejects.toMatchObject({ exit: 'credentials', reason: 'CredentialsNotFound' });
    await expect(reading).rejects.toThrow(message);
  });
});

describe('an object that cannot be read is skipped', () => {
  test('with its reason, and the others are read', async () => {
    const endpoint = await serve((request, response) => {
      const path = new URL(request.url ?? '/', 'http://s3').pathname;
      if (path.endsWith('/docs/') || path.endsWith('/docs')) {
        response.end(
          listing(['a.md', 1], ['a.md/b.md', 1], ['archived.md', 1], ['gone.md', 1], ['grown.md', 1], ['z.md', 4]),
        );
      } else if (path.endsWith('/archived.md')) response.writeHead(403).end(problem('InvalidObjectState'));
      else if (path.endsWith('/gone.md')) response.writeHead(404).end(problem('NoSuchKey'));
      else response.end(path.endsWith('/grown.md') ? 'x'.repeat(1000) : 'text');
    });
    const read = await readAllObjects({ endpoint }, { maxDocumentBytes: 100 });
    expect(read.documents.map(({ path }) => path)).toEqual(['a.md', 'z.md']);
    expect(read.skipped.map(({ path, reason }) => [path, reason])).toEqual([
      ['a.md/b.md', 'BadPath'],
      ['archived.md', 'Refused'],
      ['gone.md', 'NotFound'],
      ['grown.md', 'TooLarge'],
    ]);
  });

  test('unless the bucket as a whole is gone', async () => {
    const endpoint = await serve((request, response) => {
      const isList = request.url?.includes('list-type=2') === true;
      if (isList) response.end(listing(['a.md', 1]));
      else response.writeHead(500).end(problem('InternalError'));
    });
    await expect(readAllObjects({ endpoint })).rejects.toMatchObject({ exit: 'unavailable' });
  });
});
