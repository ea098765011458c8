import { createHash } from 'node:crypto';
import { link, mkdir, mkdtemp, open, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipe } from './machine/command.ts';
import { exclusively } from './machine/lock.ts';
import { exists, inCache } from './machine/paths.ts';

/** Folder that nodes see read-only, so that image content reaches them without passing through a client. */
export const sharedFolder = (): string => inCache('images');

/** Exports that are kept: the images of a cluster, and those of a commit or two before. */
const keptExports = 8;

interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
}

/** An image in the form of the OCI image specification, its content below `sharedFolder()/sha256/`. */
export interface ExportedImage {
  manifest: string;
  layers: readonly Descriptor[];
}

const blob = (digest: string): string => join(sharedFolder(), digest.replace(':', '/'));

/** Export an image of the local Docker once. Layers that images share lie there once. */
export async function exportImage(reference: string, env: NodeJS.ProcessEnv): Promise<ExportedImage> {
  const record = join(sharedFolder(), 'manifests', `${reference.replaceAll(/[/:]/g, '_')}.json`);
  await exclusively('export-image', async () => {
    if (await exists(record)) return;
    for (const folder of ['manifests', 'sha256']) await mkdir(join(sharedFolder(), folder), { recursive: true });
    const work = await mkdtemp(join(sharedFolder(), 'export-'));
    try {
      await pipe(['docker', 'save', reference], ['tar', '--extract', '--directory', work], { env });
      const manifest = await manifestOf(work);
      await writeFile(join(work, 'record'), manifest);
      await rename(join(work, 'record'), record);
      await removeOlderExports();
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  });
  const manifest = await readFile(record, 'utf8');
  return { manifest, layers: (JSON.parse(manifest) as { layers: Descriptor[] }).layers };
}

/** Keep the newest exports and only the blobs that they name. */
async function removeOlderExports(): Promise<void> {
  const folder = join(sharedFolder(), 'manifests');
  const records = await Promise.all(
    (await readdir(folder)).map(async (name) => ({ name, written: (await stat(join(folder, name))).mtimeMs })),
  );
  const byAge = records.toSorted((a, b) => b.written - a.written);
  for (const { name } of byAge.slice(keptExports)) await rm(join(folder, name));
  const kept = await Promise.all(byAge.slice(0, keptExports).map(({ name }) => readFile(join(folder, name), 'utf8')));
  for (const hex of await readdir(join(sharedFolder(), 'sha256')))
    if (!kept.some((manifest) => manifest.includes(hex))) await rm(join(sharedFolder(), 'sha256', hex));
}

/** Move the blobs of an unpacked `docker save` to the shared folder and give the manifest that names them. */
async function manifestOf(work: string): Promise<string> {
  const saved = JSON.parse(await readFile(join(work, 'manifest.json'), 'utf8')) as {
    Config: string;
    Layers: string[];
  }[];
  const image = saved[0];
  if (image === undefined) throw new Error('docker saved no image');
  const config = await readFile(join(work, image.Config), 'utf8');
  const { rootfs } = JSON.parse(config) as { rootfs: { diff_ids: string[] } };
  const layers: Descriptor[] = [];
  for (const [index, path] of image.Layers.entries())
    layers.push(await keepLayer(join(work, path), rootfs.diff_ids[index]));
  const configDigest = `sha256:${createHash('sha256').update(config).digest('hex')}`;
  await keep(join(work, image.Config), configDigest);
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: {
      mediaType: 'application/vnd.oci.image.config.v1+json',
      digest: configDigest,
      size: Buffer.byteLength(config),
    },
    layers,
  });
}

async function keepLayer(path: string, diffId: string | undefined): Promise<Descriptor> {
  // newer versions of Docker name the file by its digest and may compress it; a plain layer's digest is its diff id
  const named = /^[0-9a-f]{64}$/.test(basename(path)) ? `sha256:${basename(path)}` : diffId;
  if (named === undefined) throw new Error(`layer "${path}" has no digest`);
  const mediaType = `application/vnd.oci.image.layer.v1.tar${(await isCompressed(path)) ? '+gzip' : ''}`;
  await keep(path, named);
  return { mediaType, digest: named, size: (await stat(blob(named))).size };
}

async function keep(path: string, digest: string): Promise<void> {
  await link(path, blob(digest)).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  });
}

async function isCompressed(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}
