import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createClaimStore } from './claim-store.ts';

function setUp() {
  const root = mkdtempSync(join(tmpdir(), 'store-'));
  const folder = mkdtempSync(join(tmpdir(), 'content-'));
  mkdirSync(join(folder, 'files'));
  writeFileSync(join(folder, 'files', 'a.md'), 'a\n');
  writeFileSync(join(folder, 'list.jsonl'), '{}\n');
  return { root, folder, store: createClaimStore(root) };
}

test('the same content is one artifact, and nothing is left in the staging folder', async () => {
  const { root, folder, store } = setUp();
  const [one, two] = await Promise.all([store.put(folder, 'documents'), store.put(folder, 'documents')]);
  expect(two).toEqual(one);
  expect(one.size).toBe(5);
  expect(readdirSync(join(root, 'artifacts', 'documents'))).toEqual([one.digest.slice(7)]);
  expect(readdirSync(join(root, 'tmp'))).toEqual([]);
});

test.each([
  ['a changed byte', (folder: string) => appendFileSync(join(folder, 'files/a.md'), 'b'), 'DigestMismatch'],
  ['a missing file', (folder: string) => rmSync(join(folder, 'list.jsonl')), 'DigestMismatch'],
  ['an added file', (folder: string) => writeFileSync(join(folder, 'extra'), ''), 'DigestMismatch'],
  ['changed checksums', (folder: string) => appendFileSync(join(folder, 'SHA256SUMS'), '\n'), 'DigestMismatch'],
  ['a deleted artifact', (folder: string) => rmSync(folder, { recursive: true }), 'ArtifactMissing'],
])('%s is found before use', async (_, change, reason) => {
  const { root, folder, store } = setUp();
  const artifact = await store.put(folder, 'documents');
  const published = join(root, artifact.uri.replace('pvc://doctune-artifacts/', ''));
  expect(await store.get(artifact)).toBe(published);
  change(published);
  await expect(store.get(artifact)).rejects.toMatchObject({ exit: 'data', reason });
  // publishing again repairs it
  expect(await store.put(folder, 'documents')).toEqual(artifact);
  expect(await store.get(artifact)).toBe(published);
});

test('an address of another store or with another digest is refused', async () => {
  const { store } = setUp();
  const digest = `sha256:${'0'.repeat(64)}`;
  await expect(store.get({ uri: 's3://bucket/x', digest })).rejects.toMatchObject({ reason: 'UnknownStore' });
  const uri = `pvc://doctune-artifacts/artifacts/documents/${'1'.repeat(64)}`;
  await expect(store.get({ uri, digest })).rejects.toMatchObject({ reason: 'DigestMismatch' });
  const outside = `pvc://doctune-artifacts/artifacts/../../etc/${'0'.repeat(64)}`;
  await expect(store.get({ uri: outside, digest })).rejects.toMatchObject({ reason: 'UnknownStore' });
});
