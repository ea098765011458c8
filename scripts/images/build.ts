import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { run, succeeds } from '../../tests/cluster/machine/command.ts';
import { docker, removeOlderImages } from '../../tests/cluster/machine/docker.ts';
import { exclusively } from '../../tests/cluster/machine/lock.ts';
import { inCache } from '../../tests/cluster/machine/paths.ts';
import { step } from '../../tests/cluster/machine/steps.ts';
import { localBase, nodeBase, torchBase } from './base-images.ts';
import type { BaseImage } from './base-images.ts';
import { secretOptions } from './build-secrets.ts';
import { contentTag, contextFiles, fileParts } from './content-tag.ts';

const repository = join(import.meta.dirname, '../..');

interface Image {
  name: string;
  dockerfile: string;
  /** Folder that is sent to Docker, relative to the repository. */
  context: string;
  /** Stand-in for the Dockerfile's default base where that cannot be pulled. */
  base: BaseImage;
  /** Makes the context; without it the context is what git knows of the folder. */
  prepare?: () => Promise<void>;
  usual: string;
}

const images = {
  operator: {
    name: 'doctune/operator',
    dockerfile: 'images/operator/Dockerfile',
    context: 'dist',
    base: nodeBase,
    prepare: async () => {
      await run(process.execPath, ['scripts/build.ts'], { cwd: repository });
    },
    usual: '5 s',
  },
  trainer: {
    name: 'doctune/trainer',
    dockerfile: 'images/trainer/Dockerfile',
    context: 'images/trainer',
    base: torchBase,
    usual: '5 min',
  },
} as const satisfies Record<string, Image>;

export type ImageName = keyof typeof images;

/** Build the images that Docker lacks, and give each one's reference with its content tag. */
export async function buildImages(
  names: readonly ImageName[] = ['operator', 'trainer'],
): Promise<Record<ImageName, string>> {
  const references: Partial<Record<ImageName, string>> = {};
  for (const name of names) references[name] = await buildImage(images[name]);
  return references as Record<ImageName, string>;
}

async function buildImage(image: Image): Promise<string> {
  // the whole of it, as two builds at a time would write the same context
  return exclusively(`image-${image.name.replaceAll('/', '-')}`, async () => {
    await image.prepare?.();
    const base = await baseImage(image);
    const reference = `${image.name}:${await inputsTag(image, base)}`;
    const { env } = await docker();
    if (await succeeds('docker', ['image', 'inspect', reference], { env }))
      console.error(`· ${reference} is there already`);
    else await step(`building ${reference}`, image.usual, () => dockerBuild(image, base, reference, env));
    await removeOlderImages(image.name, env);
    return reference;
  });
}

async function inputsTag(image: Image, base: string): Promise<string> {
  const context = join(repository, image.context);
  const files = image.prepare === undefined ? await contextFiles(context) : await allFiles(context);
  const dockerfile = await readFile(join(repository, image.dockerfile));
  return contentTag([base, dockerfile, ...(await fileParts(context, files))]);
}

async function dockerBuild(image: Image, base: string, reference: string, env: NodeJS.ProcessEnv): Promise<void> {
  // the machine's own network, as a private Docker has no way to names beyond it
  const options = ['--network', 'host', '--build-arg', `BASE_IMAGE=${base}`, ...(await secretOptions())];
  const files = ['--file', join(repository, image.dockerfile), join(repository, image.context)];
  await mkdir(inCache('builds'), { recursive: true });
  const log = inCache('builds', `${image.name.replaceAll('/', '-')}.log`);
  await run('docker', ['build', '--progress', 'plain', ...options, '--tag', reference, ...files], { env, log });
}

/** The Dockerfile's own base where it is here or can be pulled, else the stand-in. */
async function baseImage(image: Image): Promise<string> {
  const { env, isPrivate } = await docker();
  const text = await readFile(join(repository, image.dockerfile), 'utf8');
  const named = /^ARG BASE_IMAGE=(\S+)/m.exec(text)?.[1];
  if (named === undefined) throw new Error(`"${image.dockerfile}" has no line "ARG BASE_IMAGE=…" with a default`);
  if (isPrivate) return localBase(image.base);
  if (await succeeds('docker', ['image', 'inspect', named], { env })) return named;
  const isPulled = await step(`pulling ${named}`, '1 min', () => succeeds('docker', ['pull', named], { env }));
  return isPulled ? named : localBase(image.base);
}

async function allFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

if (import.meta.main) {
  const asked = process.argv.slice(2) as ImageName[];
  const built = await buildImages(asked.length > 0 ? asked : undefined);
  for (const reference of Object.values(built)) console.log(reference);
}
