import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request as ask } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createGitServer, createRepository, listen } from '../../../tests/git-server/index.ts';
import { commitFiles, makeRepository, runGit } from '../../../tests/git-server/repository.ts';
import { callWorker } from '../../../tests/builders/worker-process.ts';
import { exitCode } from '../../contract/exit-codes.ts';
import { fetchDocuments } from './fetch.ts';
import type { Result } from '../../contract/result.ts';

// git and workers are processes: a busy machine starts them slowly
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const root = mkdtempSync(join(tmpdir(), 'git-source-'));
const work = join(root, 'work');
const bare = join(root, 'served', 'team', 'docs.git');
const store = join(root, 'store');
const secret = { username: 'reader', password: 's3cret-token' };
let first = '';
let second = '';
let open: Awaited<ReturnType<typeof listen>>;
let closed: Awaited<ReturnType<typeof listen>>;

beforeAll(async () => {
  first = makeRepository(work, {
    'docs/guide.md': '# Guide\n\nUse it.\n',
    'docs/api.rst': 'API\n===\n\nCall it.\n',
    'docs/logo.png': Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2]),
    'docs/binary.txt': Buffer.from([65, 0, 66]),
    'docs/latin1.md': Buffer.from([0x23, 0x20, 0xe9, 0x0a]),
    'docs/empty.md': '\n',
    'docs/large.md': `# Large\n${'x'.repeat(20_000)}\n`,
    'docs/pointer.md': 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n',
    'docs/escape.md': { link: '/etc/passwd' },
    'src/index.ts': 'export const answer = 42;\n',
    'README.md': '# Project\n\nA project.\n',
  });
  runGit(work, 'tag', '-a', 'v1.0.0', '-m', 'first release');
  second = commitFiles(work, { 'docs/more.md': '# More\n\nMore of it.\n' });
  mkdirSync(join(root, 'served', 'team'), { recursive: true });
  createRepository(bare);
  runGit(work, 'push', '--quiet', bare, 'main', 'v1.0.0');
  runGit(work, 'push', '--quiet', bare, 'main:release-2');
  writeFileSync(join(root, 'username'), `${secret.username}\n`);
  writeFileSync(join(root, 'password'), `${secret.password}\n`);
  open = await listen(createGitServer({ root: join(root, 'served') }));
  closed = await listen(createGitServer({ root: join(root, 'served'), credentials: secret }));
});
afterAll(() => {
  open.close();
  closed.close();
});

const limits = { maxDocumentBytes: 10_000, maxTotalBytes: 1_000_000, maxDocuments: 100 };
const input = (git: object): object => ({
  version: 1,
  run: { namespace: 'default', name: 'docs', id: 'abcdef12' },
  source: { git: { url: `${open.url}/team/docs.git`, ref: {}, include: ['docs/**'], exclude: [], ...git } },
  limits,
});
const fetch = (git: object) => callWorker('fetch-documents', fetchDocuments, input(git), store);

function succeeded(result: Result<'fetch-documents'> | undefined) {
  if (result === undefined || !('artifact' in result)) throw new Error(`failed: ${JSON.stringify(result)}`);
  return result;
}
const artifactFile = (uri: string, path: string): string =>
  readFileSync(join(store, uri.replace('pvc://doctune-artifacts/', ''), path), 'utf8');

describe('a repository over smart http', () => {
  test('its default branch is fetched, and what is no document is skipped with a reason', async () => {
    const { result, exitCode: code } = await fetch({});
    const { artifact, summary } = succeeded(result);
    expect(code).toBe(0);
    expect(summary.revision).toBe(`main@sha1:${second}`);
    expect(summary.documents).toEqual({
      total: 3,
      skipped: 7,
      byFormat: { markdown: 2, rst: 1 },
      bySkipReason: { Binary: 1, Empty: 1, Symlink: 1, TooLarge: 1, BadEncoding: 1, UnknownFormat: 1, LfsPointer: 1 },
      redactions: { secrets: 0, personalData: 0 },
      licences: {},
      unanswered: { kept: 0, missing: 0 },
    });
    expect(artifactFile(artifact.uri, 'files/docs/guide.md')).toBe('# Guide\n\nUse it.\n');
    const skipped = artifactFile(artifact.uri, 'skipped.jsonl').trim().split('\n');
    expect(
      skipped.map((line) =>
        Object.values(JSON.parse(line) as object)
          .slice(0, 2)
          .join(' '),
      ),
    ).toEqual([
      'docs/binary.txt Binary',
      'docs/empty.md Empty',
      'docs/escape.md Symlink',
      'docs/large.md TooLarge',
      'docs/latin1.md BadEncoding',
      'docs/logo.png UnknownFormat',
      'docs/pointer.md LfsPointer',
    ]);
  });

  test('a tag, a branch and a full or short commit are resolved to the commit', async () => {
    const revisions = [{ tag: 'v1.0.0' }, { branch: 'release-2' }, { commit: first }, { commit: first.slice(0, 10) }];
    const found = [];
    for (const ref of revisions) found.push(succeeded((await fetch({ ref })).result).summary.revision);
    expect(found).toEqual([`v1.0.0@sha1:${first}`, `release-2@sha1:${second}`, `sha1:${first}`, `sha1:${first}`]);
  });

  test('a commit that changes no selected document keeps the digest', async () => {
    const select = { include: ['docs/guide.md'] };
    const before = succeeded((await fetch({ ref: { commit: first }, ...select })).result);
    const after = succeeded((await fetch({ ref: { commit: second }, ...select })).result);
    expect(after.artifact).toEqual(before.artifact);
    expect(after.summary.revision).not.toBe(before.summary.revision);
  });

  test('an unknown branch names the field and near names', async () => {
    const { result, exitCode: code } = await fetch({ ref: { branch: 'release-1' } });
    expect(code).toBe(exitCode('source'));
    expect(result).toMatchObject({ reason: 'RefNotFound' });
    expect(result?.message).toContain('spec.git.ref.branch "release-1" does not exist');
    expect(result?.message).toContain('"release-2"');
  });

  test.each([{ tag: 'v9' }, { commit: 'f'.repeat(40) }, { commit: '--upload-pack=x' }])(
    'an unknown %o is told',
    async (ref) => {
      const { result, exitCode: code } = await fetch({ ref });
      expect(code).toBe(exitCode('source'));
      expect(result).toMatchObject({ reason: 'RefNotFound' });
      expect(result?.message).toContain(`spec.git.ref.${Object.keys(ref)[0]!}`);
    },
  );

  test('no matching document names include and exclude', async () => {
    const { result, exitCode: code } = await fetch({ include: ['manual/**'] });
    expect(code).toBe(exitCode('source'));
    expect(result).toMatchObject({ reason: 'NoDocuments' });
    expect(result?.message).toContain('spec.git.include');
  });

  test('only what is selected is transferred', async () => {
    // the repository lacks the bytes of another file, which a full fetch would ask for
    const object = runGit(bare, 'rev-parse', 'main:src/index.ts');
    rmSync(join(bare, 'objects', object.slice(0, 2), object.slice(2)));
    const { result } = await fetch({}).finally(() => {
      runGit(work, 'cat-file', '-e', object);
      cpSync(join(work, '.git', 'objects', object.slice(0, 2)), join(bare, 'objects', object.slice(0, 2)), {
        recursive: true,
      });
    });
    expect(succeeded(result).summary.documents.total).toBe(3);
  });

  test('a missing repository is told from an unreachable server', async () => {
    const missing = await fetch({ url: `${open.url}/team/none.git` });
    expect(missing).toMatchObject({ exitCode: exitCode('source'), result: { reason: 'RepositoryNotFound' } });
    const unreachable = await fetch({ url: 'http://127.0.0.1:1/team/docs.git' });
    expect(unreachable).toMatchObject({ exitCode: exitCode('unavailable'), result: { reason: 'SourceUnreachable' } });
    expect(unreachable.result?.message).toContain('spec.git.url');
  });
});

describe('a private repository', () => {
  const url = (): string => `${closed.url}/team/docs.git`;

  test('is fetched with the mounted credentials, which are in no log', async () => {
    const { result, logs } = await fetch({ url: url(), credentials: root });
    expect(succeeded(result).summary.documents.total).toBe(3);
    expect(logs).not.toContain(secret.password);
  });

  test('without a Secret names spec.git.secretRef', async () => {
    const { result, exitCode: code } = await fetch({ url: url() });
    expect(code).toBe(exitCode('credentials'));
    expect(result).toMatchObject({ reason: 'AuthenticationFailed' });
    expect(result?.message).toContain('spec.git.secretRef');
  });

  test('with a wrong password is no matter of another try', async () => {
    const wrong = mkdtempSync(join(root, 'wrong-'));
    writeFileSync(join(wrong, 'username'), 'reader');
    writeFileSync(join(wrong, 'password'), 'wrong');
    const { result, exitCode: code } = await fetch({ url: url(), credentials: wrong });
    expect(code).toBe(exitCode('credentials'));
    expect(result).toMatchObject({ reason: 'AuthenticationFailed' });
  });

  test('the credentials go to the host of the spec only, not to where it redirects', async () => {
    const seen: (string | undefined)[] = [];
    const thief = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
    });
    const there = await listen(thief);
    const here = await listen(
      createServer((request, response) => {
        response.writeHead(302, { location: `${there.url}${request.url ?? ''}` }).end();
      }),
    );
    const { result } = await fetch({ url: `${here.url}/team/docs.git`, credentials: root });
    there.close();
    here.close();
    // nothing at all is asked there: it may be a server that only the cluster should see
    expect(seen).toEqual([]);
    expect(result).toMatchObject({ reason: 'RepositoryMoved', exitCode: exitCode('config') });
    expect(result?.message).toContain(`if it is right, write "${there.url}/team/docs.git"`);
  });

  test('a server that has it at another name is followed, with the credentials', async () => {
    const inner = new URL(closed.url);
    const renaming = await listen(
      createServer((request, response) => {
        const { url: asked = '' } = request;
        if (asked.startsWith('/old/')) {
          response.writeHead(301, { location: asked.replace('/old/', '/team/') }).end();
          return;
        }
        const { hostname, port } = inner;
        const { method, headers } = request;
        const passed = ask({ hostname, port, method, headers, path: asked }, (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        });
        request.pipe(passed);
      }),
    );
    const { result } = await fetch({ url: `${renaming.url}/old/docs.git`, credentials: root });
    renaming.close();
    expect(succeeded(result).summary.documents.total).toBe(3);
  });

  test('a login page in place of a repository is told', async () => {
    const login = await listen(
      createServer((_request, response) => {
        response.writeHead(302, { location: '/login?next=docs' }).end();
      }),
    );
    const { result } = await fetch({ url: `${login.url}/team/docs.git` });
    login.close();
    expect(result).toMatchObject({ reason: 'RepositoryMoved', exitCode: exitCode('config') });
    expect(result?.message).toContain('spec.git.secretRef');
  });

  test('a redirect without end is told', async () => {
    const round = await listen(
      createServer((request, response) => {
        response.writeHead(302, { location: request.url ?? '' }).end();
      }),
    );
    const { result } = await fetch({ url: `${round.url}/team/docs.git` });
    round.close();
    expect(result).toMatchObject({ reason: 'TooManyRedirects', exitCode: exitCode('config') });
  });

  test('credentials in the address are refused and not repeated', async () => {
    const { result } = await fetch({ url: 'https://user:hunter2@example.com/docs.git' });
    expect(result).toMatchObject({ reason: 'CredentialsInUrl', exitCode: exitCode('config') });
    expect(JSON.stringify(result)).not.toContain('hunter2');
  });
});

describe('other transports', () => {
  test('file:// works', async () => {
    const { result } = await fetch({ url: `file://${bare}` });
    expect(succeeded(result).summary.revision).toBe(`main@sha1:${second}`);
  });

  test('a server without partial fetches is read whole', async () => {
    runGit(bare, 'config', 'uploadpack.allowFilter', 'false');
    const { result } = await fetch({}).finally(() => runGit(bare, 'config', 'uploadpack.allowFilter', 'true'));
    expect(succeeded(result).summary.documents.total).toBe(3);
  });

  test.each([
    'ssh+git://git@example.com/docs.git',
    'ext::sh -c touch% /tmp/x',
    'git@example.com:docs.git',
    '/tmp/docs',
  ])('%s is refused', async (url) => {
    expect(await fetch({ url })).toMatchObject({
      exitCode: exitCode('config'),
      result: { reason: 'UrlNotSupported' },
    });
  });
});
