import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { createServer, request as send, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { callWorker } from '../../../../tests/builders/worker-process.ts';
import { createGitServer, createRepository, listen } from '../../../../tests/git-server/index.ts';
import { makeRepository, runGit } from '../../../../tests/git-server/repository.ts';
import { fetchDocuments } from '../fetch.ts';

// git is a process: a busy machine starts it slowly
vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 });

const root = mkdtempSync(join(tmpdir(), 'git-huge-'));
const hugeBytes = 8 * 2 ** 20;
let server: Awaited<ReturnType<typeof listen>>;
let proxy: Awaited<ReturnType<typeof listen>>;
let sent = 0;

/** Passes requests on, and answers slowly: two megabytes a second. */
function createSlowProxy(target: string): Server {
  return createServer((incoming, response) => {
    const { method, headers, url = '/' } = incoming;
    const outgoing = send(`${target}${url}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      const slow = new Transform({
        highWaterMark: 16_384,
        transform(chunk: Buffer, _, done) {
          sent += chunk.length;
          setTimeout(() => {
            done(null, chunk);
          }, chunk.length / 2048);
        },
      });
      answer.pipe(slow).pipe(response);
      response.on('close', () => answer.destroy());
    });
    outgoing.on('error', () => response.destroy());
    incoming.pipe(outgoing);
  });
}

beforeAll(async () => {
  const work = join(root, 'work');
  // what is random cannot be compressed
  const huge = randomBytes((hugeBytes / 4) * 3).toString('base64');
  makeRepository(work, { 'docs/a.md': '# A\n', 'docs/huge.json': huge, 'docs/z.md': '# Z\n' });
  mkdirSync(join(root, 'served'));
  createRepository(join(root, 'served', 'docs.git'));
  runGit(work, 'push', '--quiet', join(root, 'served', 'docs.git'), 'main');
  server = await listen(createGitServer({ root: join(root, 'served') }));
  proxy = await listen(createSlowProxy(server.url));
});
afterAll(() => {
  server.close();
  proxy.close();
});

test('[3] a huge file is skipped before it is fetched whole, and its neighbours are read', async () => {
  const input = {
    version: 1,
    run: { namespace: 'default', name: 'docs', id: 'abcdef12' },
    source: { git: { url: `${proxy.url}/docs.git`, ref: {}, include: ['docs'], exclude: [] } },
    limits: { maxDocumentBytes: 10_000, maxTotalBytes: 1_000_000, maxDocuments: 100 },
  };
  const { result } = await callWorker('fetch-documents', fetchDocuments, input, join(root, 'store'));
  expect(result).toMatchObject({ summary: { documents: { total: 2, skipped: 1, bySkipReason: { TooLarge: 1 } } } });
  expect(sent).toBeLessThan(hugeBytes / 2);
});
