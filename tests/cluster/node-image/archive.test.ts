import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../machine/command.ts';
import { writeArchive } from './archive.ts';

let work = '';
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'archive-'));
  await mkdir(join(work, 'root/bin'), { recursive: true });
  await writeFile(join(work, 'root/bin/program'), 'content', { mode: 0o755 });
});
afterAll(() => rm(work, { recursive: true }));

const content = { reference: 'example/image:1', folder: '', entrypoint: ['/bin/program'], env: ['PATH=/bin'] };

async function write(name: string): Promise<string> {
  const archive = join(work, name);
  await writeArchive({ ...content, folder: join(work, 'root') }, archive);
  return archive;
}

test('an archive holds the layer under the digest that its config names', async () => {
  const archive = await write('one.tar');
  const unpacked = join(work, 'unpacked');
  await mkdir(unpacked);
  await run('tar', ['--directory', unpacked, '--extract', '--file', archive]);
  const [manifest] = JSON.parse(await readFile(join(unpacked, 'manifest.json'), 'utf8')) as [
    { Config: string; RepoTags: string[]; Layers: string[] },
  ];
  const config = await readFile(join(unpacked, manifest.Config), 'utf8');
  const layer = await readFile(join(unpacked, manifest.Layers[0]!));
  const digest = createHash('sha256').update(layer).digest('hex');
  expect(manifest.RepoTags).toEqual(['example/image:1']);
  expect(JSON.parse(config)).toMatchObject({
    config: { Entrypoint: ['/bin/program'], Env: ['PATH=/bin'] },
    rootfs: { diff_ids: [`sha256:${digest}`] },
  });
  expect(await run('tar', ['--list', '--file', join(unpacked, manifest.Layers[0]!)])).toContain('./bin/program');
});

test('the same files give the same bytes, whenever they were written', async () => {
  const first = await readFile(await write('first.tar'));
  await utimes(join(work, 'root/bin/program'), 1, 1);
  expect(first.equals(await readFile(await write('second.tar')))).toBe(true);
});
