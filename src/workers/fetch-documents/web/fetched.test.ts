import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { callWorker } from '../../../../tests/builders/worker-process.ts';
import { serve } from '../../../../tests/web-site/serve.ts';
import { documentSchema, skippedSchema } from '../../../contract/documents.ts';
import { exitCode } from '../../../contract/exit-codes.ts';
import { fetchDocuments } from '../fetch.ts';

// the converter's process may start slowly
vi.setConfig({ testTimeout: 30_000 });

const store = mkdtempSync(join(tmpdir(), 'site-fetch-'));
const fetch = (url: string, changes: object = {}) =>
  callWorker(
    'fetch-documents',
    fetchDocuments,
    {
      version: 1,
      run: { namespace: 'default', name: 'site-fetch-1', id: 'abcdef12' },
      source: {
        web: {
          ...{ urls: [url], sitemap: null, maxPages: 10, maxDepth: 2, allowHosts: [], respectRobots: true },
          ...{ rate: 100, timeoutSeconds: 5, include: [], exclude: [] },
        },
      },
      limits: { maxDocumentBytes: 100_000, maxTotalBytes: 1_000_000, maxDocuments: 100 },
      allowedNetworks: ['127.0.0.1/32'],
      ...changes,
    },
    store,
  );

const notebook = JSON.stringify({
  ...{ nbformat: 4, nbformat_minor: 5, metadata: {} },
  cells: [{ cell_type: 'markdown', metadata: {}, source: ['# Notebook\n', 'Runs.'] }],
});

function read(uri: string) {
  const folder = join(store, uri.replace('pvc://doctune-artifacts/', ''));
  const lines = (name: string): unknown[] =>
    readFileSync(join(folder, name), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as unknown);
  return {
    documents: lines('documents.jsonl').map((line) => documentSchema.parse(line)),
    skipped: lines('skipped.jsonl').map((line) => skippedSchema.parse(line)),
    text: (file: string) => readFileSync(join(folder, 'files', file), 'utf8'),
  };
}

test('[T1] a site becomes an artifact, and the same one again while it does not change', async () => {
  const site = await serve({
    '/': '<title>Start</title><main><h1>Start</h1><a href="/a?lang=zh">a</a><a href="/b.ipynb">b</a><a href="/c?token=1">c</a></main>',
    '/a?lang=zh': { body: Buffer.from([0xd6, 0xd0, 0xce, 0xc4]), type: 'text/html; charset=gbk' },
    '/b.ipynb': { body: notebook, type: 'application/octet-stream' },
  });
  const first = await fetch(`${site.url}/`);
  expect(first.result).toMatchObject({
    exitCode: 0,
    summary: { documents: { total: 3, skipped: 1, byFormat: { html: 2, notebook: 1 }, bySkipReason: { NotFound: 1 } } },
  });
  const { artifact } = first.result as { artifact: { uri: string } };
  const { documents, skipped, text } = read(artifact.uri);
  const host = `127.0.0.1_${site.port}`;
  expect(documents.map(({ path, url }) => [path, url])).toEqual([
    [expect.stringMatching(`^${host}/a~[0-9a-f]{12}\\.html$`) as string, `${site.url}/a?lang=zh`],
    [`${host}/b.ipynb`, `${site.url}/b.ipynb`],
    [`${host}/index.html`, `${site.url}/`],
  ]);
  expect(text(documents[0]!.path)).toBe('中文');
  expect(skipped).toEqual([
    {
      path: expect.stringMatching(`^${host}/c~[0-9a-f]{12}\\.html$`) as string,
      reason: 'NotFound',
      detail: `${site.url}/c?… answered 404`,
    },
  ]);

  const second = await fetch(`${site.url}/`);
  expect(second.result).toEqual(first.result);
  site.pages['/'] = 'another start';
  expect((await fetch(`${site.url}/`)).result).not.toEqual(first.result);
});

test('a site that must not be read gives a result that says what to do', async () => {
  const site = await serve({ '/': 'x' });
  const { result, exitCode: code } = await fetch(`${site.url}/`, { allowedNetworks: [] });
  expect(code).toBe(exitCode('source'));
  expect(result).toMatchObject({ reason: 'ForbiddenAddress' });
  expect(result?.message).toBe(
    `"${site.url}/" of spec.web.urls: robots.txt of "127.0.0.1:${site.port}": "127.0.0.1" is no public address: ` +
      'the platform must allow its network by "workers.allowedNetworks" first, or change spec.web.urls',
  );
});

test('[T1] pages that do not answer for now are counted: as they were before, or missing', async () => {
  const site = await serve({
    '/': '<a href="/a">a</a><a href="/b">b</a>',
    '/a': '<p>About a.</p>',
    '/b': { status: 404 },
  });
  const web = {
    ...{ urls: [`${site.url}/`], sitemap: null, maxPages: 10, maxDepth: 1, allowHosts: [], respectRobots: true },
    ...{ rate: 100, timeoutSeconds: 5, include: [], exclude: [] },
  };
  const first = await fetch(`${site.url}/`, { source: { web } });
  expect(first.result).toMatchObject({ summary: { documents: { unanswered: { kept: 0, missing: 0 } } } });
  for (const path of ['/a', '/b']) site.pages[path] = { status: 503 };
  const second = await fetch(`${site.url}/`, { source: { web } });
  const { artifact } = second.result as { artifact: { uri: string } };
  expect(read(artifact.uri).documents).toHaveLength(2);
  expect(second.result).toMatchObject({
    message: 'fetched 2 documents, skipped 1; 2 pages did not answer: 1 are as they were before, 1 are missing',
    summary: { documents: { unanswered: { kept: 1, missing: 1 } } },
  });
});
