import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { callWorker } from '../../../tests/builders/worker-process.ts';
import { exitCode } from '../../contract/exit-codes.ts';
import { fetchDocuments } from './fetch.ts';

const root = mkdtempSync(join(tmpdir(), 'files-source-'));
const store = join(root, 'store');
const limits = { maxDocumentBytes: 10_000, maxTotalBytes: 25_000, maxDocuments: 4 };
const fetch = (path: string, select: object = {}) =>
  callWorker(
    'fetch-documents',
    fetchDocuments,
    {
      version: 1,
      run: { namespace: 'default', name: 'docs', id: 'abcdef12' },
      source: { files: { path, include: [], exclude: [], ...select } },
      limits,
    },
    store,
  );

function makeFolder(files: Record<string, string | Buffer>): string {
  const folder = mkdtempSync(join(root, 'claim-'));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

/** As the kubelet mounts it: keys are links into a folder that is replaced as a whole. */
function mountConfigMap(files: Record<string, string>): string {
  const folder = mkdtempSync(join(root, 'config-map-'));
  const version = '..2026_01_01_00_00_00.123456789';
  mkdirSync(join(folder, version));
  symlinkSync(version, join(folder, '..data'));
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder, version, name), content);
    symlinkSync(join('..data', name), join(folder, name));
  }
  return folder;
}

describe('files of a volume', () => {
  test('a mounted ConfigMap and a claim with the same files are the same artifact', async () => {
    const files = { 'guide.md': '# Guide\n\nUse it.\n', 'notes.txt': 'Note this.\n' };
    const fromMap = await fetch(mountConfigMap(files));
    const fromClaim = await fetch(makeFolder(files));
    expect(fromMap.result).toMatchObject({ exitCode: 0, summary: { documents: { total: 2, skipped: 0 } } });
    expect(fromClaim.result).toEqual(fromMap.result);
    expect(fromMap.result).toMatchObject({
      summary: { revision: (fromMap.result as { artifact: { digest: string } }).artifact.digest },
    });
  });

  test('coreutils alone verify the artifact', async () => {
    const { result } = await fetch(makeFolder({ 'b/ü.md': '# Ü\n', 'a b.md': '# A\n' }));
    const { uri, digest } = (result as { artifact: { uri: string; digest: string } }).artifact;
    const folder = join(store, uri.replace('pvc://doctune-artifacts/', ''));
    const sums = execFileSync('sh', ['-c', 'sha256sum -c --quiet SHA256SUMS && sha256sum SHA256SUMS'], { cwd: folder });
    expect(`sha256:${sums.toString().split(' ')[0]!}`).toBe(digest);
  });

  test('a link out of the claim is skipped', async () => {
    const folder = makeFolder({ 'guide.md': '# Guide\n' });
    symlinkSync('/etc/passwd', join(folder, 'passwd.txt'));
    symlinkSync('guide.md', join(folder, 'again.md'));
    const { result } = await fetch(folder);
    expect(result).toMatchObject({ summary: { documents: { total: 1, skipped: 2 } } });
  });

  test('UTF-16 with a byte order mark becomes UTF-8', async () => {
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('# Überschrift\n', 'utf16le')]);
    const { result } = await fetch(makeFolder({ 'guide.md': utf16 }));
    const { uri } = (result as { artifact: { uri: string } }).artifact;
    const file = join(store, uri.replace('pvc://doctune-artifacts/', ''), 'files/guide.md');
    expect(readFileSync(file, 'utf8')).toBe('# Überschrift\n');
  });

  test('globs choose: a folder name means all below it, exclude wins, hidden files need their dot', async () => {
    const folder = makeFolder({ 'docs/a.md': 'a', 'docs/deep/b.md': 'b', 'docs/deep/c.txt': 'c', '.github/d.md': 'd' });
    const { result } = await fetch(folder, { include: ['docs', '.github/*.md'], exclude: ['**/*.txt'] });
    expect(result).toMatchObject({ summary: { documents: { total: 3, skipped: 0, byFormat: { markdown: 3 } } } });
    const all = await fetch(folder);
    expect(all.result).toMatchObject({ summary: { documents: { total: 3, byFormat: { markdown: 2, text: 1 } } } });
  });

  test.each([
    ['a missing folder', { path: '/files/none', reason: 'PathNotFound', names: 'spec.files.claimRef.path' }],
    ['an empty folder', { path: makeFolder({}), reason: 'NoDocuments', names: 'spec.files.include' }],
    ['too many documents', { path: makeFolder(many(5, 10)), reason: 'TooManyDocuments', names: 'include' }],
    ['too many bytes', { path: makeFolder(many(3, 10_000)), reason: 'SourceTooLarge', names: 'include' }],
  ])('%s is told', async (_, { path, reason, names }) => {
    const { result, exitCode: code } = await fetch(path);
    expect(result).toMatchObject({ reason });
    expect(result?.message).toContain(names);
    expect(code).toBe(exitCode('source'));
  });
});

function many(count: number, bytes: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`${index}.md`, 'x'.repeat(bytes)]));
}
