import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { exportImage, sharedFolder } from './exported-image.ts';
import { writeArchive } from './node-image/archive.ts';

let work = '';
let env: NodeJS.ProcessEnv = {};

/** A docker whose only command prints the archive of `work/NAME`. */
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'export-'));
  vi.stubEnv('DOCTUNE_CACHE', join(work, 'cache'));
  await mkdir(join(work, 'bin'));
  const program = `#!/bin/sh\n[ "$1" = save ] && exec cat "${work}/$2.tar"\nexit 1\n`;
  await writeFile(join(work, 'bin/docker'), program);
  await chmod(join(work, 'bin/docker'), 0o755);
  env = { ...process.env, PATH: `${join(work, 'bin')}${delimiter}${process.env['PATH'] ?? ''}` };
});
afterAll(() => rm(work, { recursive: true }));

async function save(reference: string, text: string): Promise<void> {
  await mkdir(join(work, 'root'), { recursive: true });
  await writeFile(join(work, 'root/file'), text);
  await writeArchive({ reference, folder: join(work, 'root') }, join(work, `${reference}.tar`));
}

const sha256 = (content: Buffer): string => `sha256:${createHash('sha256').update(content).digest('hex')}`;
const blobs = (): Promise<string[]> => readdir(join(sharedFolder(), 'sha256'));

test('every blob that the manifest names lies under its digest and has its size', async () => {
  await save('one:1', 'one');
  const { manifest } = await exportImage('one:1', env);
  const { config, layers } = JSON.parse(manifest) as Record<'config', { digest: string; size: number }> & {
    layers: { digest: string; size: number }[];
  };
  expect(layers).toHaveLength(1);
  for (const { digest, size } of [config, ...layers]) {
    const content = await readFile(join(sharedFolder(), digest.replace(':', '/')));
    expect(sha256(content)).toBe(digest);
    expect(content.byteLength).toBe(size);
  }
});

test('an image is exported once', async () => {
  await rm(join(work, 'one:1.tar'));
  expect((await exportImage('one:1', env)).layers).toHaveLength(1);
});

test('images with the same layer keep it once', async () => {
  const before = (await blobs()).length;
  await save('two:1', 'one');
  await exportImage('two:1', env);
  expect(await blobs()).toHaveLength(before);
});

test('a failed export leaves nothing that looks like an image', async () => {
  await expect(exportImage('missing:1', env)).rejects.toThrow(/docker save missing:1/);
  expect(await readdir(sharedFolder())).toEqual(['manifests', 'sha256']);
  expect(await readdir(join(sharedFolder(), 'manifests'))).not.toContain('missing_1.json');
});

test('only the newest exports are kept, and no blob of an older one', async () => {
  for (let number = 1; number <= 9; number += 1) {
    await save(`many:${number}`, `content ${number}`);
    await exportImage(`many:${number}`, env);
  }
  expect(await readdir(join(sharedFolder(), 'manifests'))).toHaveLength(8);
  // a config and a layer each
  expect(await blobs()).toHaveLength(16);
});
