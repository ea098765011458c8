import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { callWorker } from '../../../../tests/builders/worker-process.ts';
import { createGitServer, createRepository, listen } from '../../../../tests/git-server/index.ts';
import { commitFiles, makeRepository, runGit } from '../../../../tests/git-server/repository.ts';
import type { SkippedDocument } from '../../../contract/documents.ts';
import { exitCode } from '../../../contract/exit-codes.ts';
import { fetchDocuments } from '../fetch.ts';
import { renderPinned } from './pinned.ts';
import { resolveSubmoduleUrl } from './url.ts';

// git is a process: a busy machine starts it slowly
vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

const root = mkdtempSync(join(tmpdir(), 'git-submodules-'));
const secret = { username: 'reader', password: 's3cret-token' };
let served: Awaited<ReturnType<typeof listen>>;
let elsewhere: Awaited<ReturnType<typeof listen>>;
/** requests that the other host got, with what they carried */
const seen: IncomingMessage['headers'][] = [];

function serve(name: string, work: string): void {
  const bare = join(root, 'served', 'team', `${name}.git`);
  mkdirSync(join(root, 'served', 'team'), { recursive: true });
  createRepository(bare);
  runGit(work, 'push', '--quiet', bare, 'main');
}

/** Commit links to commits of other repositories, as `git submodule add` does, without reading them. */
function addSubmodules(work: string, modules: Record<string, { url: string; commit: string }>): string {
  for (const [path, { commit }] of Object.entries(modules))
    runGit(work, 'update-index', '--add', '--cacheinfo', `160000,${commit},${path}`);
  const sections = Object.entries(modules).map(
    ([path, { url }]) => `[submodule "${path}"]\n\tpath = ${path}\n\turl = ${url}\n`,
  );
  writeFileSync(join(work, '.gitmodules'), sections.join(''));
  runGit(work, 'add', '.gitmodules');
  runGit(work, 'commit', '--quiet', '-m', 'add submodules');
  return runGit(work, 'rev-parse', 'HEAD');
}

beforeAll(async () => {
  const inner = join(root, 'inner');
  const innerCommit = makeRepository(inner, { 'inner.md': '# Inner\n' });
  serve('inner', inner);
  const shared = join(root, 'shared');
  makeRepository(shared, { 'docs/shared.md': '# Shared\n', LICENSE: readFileSync('node_modules/zod/LICENSE') });
  const sharedCommit = addSubmodules(shared, { 'docs/inner': { url: '../inner.git', commit: innerCommit } });
  serve('shared', shared);
  commitFiles(shared, { 'docs/later.md': '# Later\n' });
  runGit(shared, 'push', '--quiet', join(root, 'served', 'team', 'shared.git'), 'main');

  served = await listen(createGitServer({ root: join(root, 'served'), credentials: secret }));
  const open = createGitServer({ root: join(root, 'served') });
  open.prependListener('request', (request: IncomingMessage) => seen.push(request.headers));
  elsewhere = await listen(open);

  const main = join(root, 'main');
  makeRepository(main, { 'docs/guide.md': '# Guide\n' });
  const commit = 'f'.repeat(40);
  addSubmodules(main, {
    'docs/shared': { url: '../shared.git', commit: sharedCommit },
    'docs/elsewhere': { url: `${elsewhere.url}/team/inner.git`, commit: innerCommit },
    'docs/gone': { url: '../gone.git', commit },
    'docs/no-commit': { url: '../inner.git', commit },
    'docs/file': { url: `file://${root}/served/team/inner.git`, commit: innerCommit },
    'docs/program': { url: 'ext::sh -c touch% /tmp/x', commit: innerCommit },
    'docs/option': { url: '--upload-pack=touch /tmp/x', commit: innerCommit },
    'vendor/other': { url: '../inner.git', commit: innerCommit },
  });
  serve('main', main);
  writeFileSync(join(root, 'username'), secret.username);
  writeFileSync(join(root, 'password'), secret.password);
});
afterAll(() => {
  served.close();
  elsewhere.close();
});

async function fetch(git: object, allowedNetworks = ['127.0.0.0/8', '::1/128']) {
  const url = `${served.url}/team/main.git`;
  const source = { git: { url, ref: {}, include: ['docs/**'], exclude: [], credentials: root, ...git } };
  const run = { namespace: 'default', name: 'docs', id: 'abcdef12' };
  const limits = { maxDocumentBytes: 10_000, maxTotalBytes: 1_000_000, maxDocuments: 100 };
  const input = { version: 1, run, source, limits, allowedNetworks };
  const { result, exitCode: code } = await callWorker('fetch-documents', fetchDocuments, input, join(root, 'store'));
  const folder =
    result !== undefined && 'artifact' in result
      ? join(root, 'store', result.artifact.uri.replace('pvc://doctune-artifacts/', ''))
      : undefined;
  const lines = (name: string): Record<string, string>[] =>
    readFileSync(join(folder!, name), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>);
  return { result, code, documents: () => lines('documents.jsonl'), skipped: () => lines('skipped.jsonl') };
}

describe('[3] submodules', () => {
  test('are counted and not read unless the spec says so', async () => {
    const { documents, skipped } = await fetch({});
    expect(documents().map(({ path }) => path)).toEqual(['docs/guide.md']);
    expect(new Set(skipped().map(({ reason }) => reason))).toEqual(new Set(['Submodule']));
    // one that no pattern reaches is not missed
    expect(skipped().map(({ path }) => path)).not.toContain('vendor/other');
    expect(skipped()[0]?.['detail']).toContain('spec.git.submodules');
  });

  test('are read at the commit of their parent, those within them too; another host gets no credentials', async () => {
    seen.length = 0;
    const { documents, skipped } = await fetch({ submodules: true });
    expect(documents().map(({ path, licence }) => [path, licence])).toEqual([
      ['docs/elsewhere/inner.md', undefined],
      ['docs/guide.md', undefined],
      ['docs/shared/docs/inner/inner.md', 'MIT'],
      ['docs/shared/docs/shared.md', 'MIT'],
    ]);
    const refused = skipped().filter(({ reason }) => reason === 'Submodule') as unknown as SkippedDocument[];
    expect(refused.map(({ path, detail = '' }) => [path, detail.replace(/^\S+ /, '')])).toEqual([
      ['docs/file', 'gives it no address over https, http or ssh'],
      ['docs/gone', 'RepositoryNotFound'],
      ['docs/no-commit', 'RefNotFound'],
      ['docs/option', 'gives it no address over https, http or ssh'],
      ['docs/program', 'gives it no address over https, http or ssh'],
    ]);
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.every(({ authorization }) => authorization === undefined)).toBe(true);
  });

  test('[T2] at an address that is not public are refused, however the repository names it; the host of the spec is not', async () => {
    seen.length = 0;
    const { documents, skipped } = await fetch({ submodules: true }, []);
    expect(documents().map(({ path }) => path)).toEqual([
      'docs/guide.md',
      'docs/shared/docs/inner/inner.md',
      'docs/shared/docs/shared.md',
    ]);
    const refused = skipped().find(({ path }) => path === 'docs/elsewhere');
    expect(refused?.['detail']).toMatch(/^ForbiddenAddress: .* is no public address/);
    expect(seen).toEqual([]);
  });

  test('on a server that is down fail the run, so that documents do not become fewer', async () => {
    elsewhere.close();
    const { code, result } = await fetch({ submodules: true });
    expect(code).toBe(exitCode('unavailable'));
    expect(result).toMatchObject({ reason: 'SourceUnreachable' });
    expect(result?.message).toContain('the submodule "docs/elsewhere"');
    expect(result?.message).toContain('spec.git.exclude');
    // the remedy works
    const without = await fetch({ submodules: true, exclude: ['docs/elsewhere'] });
    expect(without.documents()).toHaveLength(3);
  });
});

test('[T2] git connects to the checked addresses of a submodule alone', () => {
  const https = renderPinned(new URL('https://host/x.git'), ['192.0.2.1', '2001:db8::1']);
  expect(https).toBe('[http]\n\tcurloptResolve = "host:443:192.0.2.1,[2001:db8::1]"');
  expect(renderPinned(new URL('http://host:8080/x.git'), ['192.0.2.1'])).toContain('"host:8080:192.0.2.1"');
});

test.each([
  ['../shared.git', 'https://host/team/shared.git'],
  ['./below.git', 'https://host/team/docs.git/below.git'],
  ['../../../../../etc', 'https://host/etc'],
  ['https://other/x.git', 'https://other/x.git'],
  ['git@host:team/x.git', 'ssh://git@host/team/x.git'],
  ['host:x.git', 'ssh://host/x.git'],
  ['https://user:pass@host/x.git', undefined],
  ['https://user@host/x.git', undefined],
  ['file:///etc', undefined],
  ['/etc', undefined],
  ['ext::sh -c x', undefined],
  ['-oProxyCommand=x', undefined],
  ['git://host/x.git', undefined],
  ['', undefined],
])('[3] the submodule address %s means %s', (text, expected) => {
  expect(resolveSubmoduleUrl(text, new URL('https://host/team/docs.git'))?.href).toBe(expected);
});
