import { chmod, copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipe, succeeds } from '../../tests/cluster/machine/command.ts';
import { bootstrap } from '../../tests/cluster/machine/debian.ts';
import type { Bootstrap } from '../../tests/cluster/machine/debian.ts';
import { docker } from '../../tests/cluster/machine/docker.ts';
import { exclusively } from '../../tests/cluster/machine/lock.ts';
import { inCache } from '../../tests/cluster/machine/paths.ts';
import { step } from '../../tests/cluster/machine/steps.ts';
import { contentTag } from './content-tag.ts';

/** A stand-in, made from Debian's packages, for a public base image that cannot be pulled. */
export interface BaseImage extends Bootstrap {
  name: string;
  /** Programs from this checkout to put into the image: path in the image by path here. */
  programs?: Readonly<Record<string, string>>;
  usual: string;
}

const nodeProgram = join(import.meta.dirname, '../../node_modules/node/bin/node');

/** For the operator and its workers: Node from the npm package, and git with the client of ssh, which fetch documents. */
export const nodeBase: BaseImage = {
  name: 'doctune-base/node',
  suite: 'bookworm',
  packages: ['ca-certificates', 'git', 'libstdc++6', 'openssh-client'],
  programs: { [nodeProgram]: '/usr/local/bin/node' },
  usual: '40 s',
};

/** For the trainer on CPUs: the torch of Debian 13, built without CUDA, with the Python that belongs to it. */
export const torchBase: BaseImage = {
  name: 'doctune-base/debian-torch',
  suite: 'trixie',
  // without OpenBLAS Debian's torch multiplies matrices by the reference BLAS, twenty times as slowly
  packages: [
    'ca-certificates',
    'libopenblas0-pthread',
    'python3',
    'python3-numpy',
    'python3-pip',
    'python3-torch',
    'python3-venv',
  ],
  usual: '2 min',
};

/** Make the stand-in unless Docker has it, and give its reference. The tag names its packages, not their versions. */
export async function localBase(base: BaseImage): Promise<string> {
  const { env } = await docker();
  const parts: (string | Buffer)[] = [base.suite, ...base.packages];
  for (const [from, to] of Object.entries(base.programs ?? {})) parts.push(to, await readFile(from));
  const reference = `${base.name}:${contentTag(parts)}`;
  await exclusively(`image-${base.name.replaceAll('/', '-')}`, async () => {
    if (await succeeds('docker', ['image', 'inspect', reference], { env })) return;
    await step(`making the base image ${reference}`, base.usual, () => importBase(base, reference, env));
  });
  return reference;
}

async function importBase(base: BaseImage, reference: string, env: NodeJS.ProcessEnv): Promise<void> {
  await mkdir(inCache('builds'), { recursive: true });
  const work = await mkdtemp(inCache('builds', 'base-'));
  const root = join(work, 'root');
  try {
    await bootstrap(root, base, join(work, 'log'));
    for (const [from, to] of Object.entries(base.programs ?? {})) {
      await copyFile(from, join(root, to));
      await chmod(join(root, to), 0o755);
    }
    const path = 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
    const archive = ['tar', '--directory', root, '--numeric-owner', '--create', '.'];
    await pipe(archive, ['docker', 'import', '--change', path, '--change', 'ENV LANG=C.UTF-8', '-', reference], {
      env,
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
