import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../machine/command.ts';

export interface ImageContent {
  reference: string;
  /** Folder that becomes the image's only layer. */
  folder: string;
  entrypoint?: readonly string[];
  env?: readonly string[];
}

/** Options with which the same files always give the same bytes. */
const reproducible = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'];

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Write a one-layer image as an archive for `docker load` or `ctr images import`, without any daemon. */
export async function writeArchive(image: ImageContent, archive: string): Promise<void> {
  const work = await mkdtemp(`${archive}-`);
  await run('tar', [...reproducible, '--directory', image.folder, '--create', '--file', join(work, 'layer.tar'), '.']);
  const layer = await sha256(join(work, 'layer.tar'));
  await mkdir(join(work, layer));
  await rename(join(work, 'layer.tar'), join(work, layer, 'layer.tar'));
  const config = JSON.stringify({
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    created: '1970-01-01T00:00:00Z',
    config: { Env: image.env ?? [], Entrypoint: image.entrypoint ?? null },
    rootfs: { type: 'layers', diff_ids: [`sha256:${layer}`] },
  });
  const configFile = `${createHash('sha256').update(config).digest('hex')}.json`;
  await writeFile(join(work, configFile), config);
  const manifest = [{ Config: configFile, RepoTags: [image.reference], Layers: [`${layer}/layer.tar`] }];
  await writeFile(join(work, 'manifest.json'), JSON.stringify(manifest));
  await run('tar', [
    ...reproducible,
    '--directory',
    work,
    '--create',
    '--file',
    archive,
    'manifest.json',
    configFile,
    layer,
  ]);
  await rm(work, { recursive: true });
}
