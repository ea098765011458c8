import { chmod, copyFile, cp, mkdir, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { binaries } from '../binaries.ts';
import type { BinaryName } from '../binaries.ts';
import { localPathVersion } from '../binaries/recipes.ts';
import { run } from '../machine/command.ts';
import { writeArchive } from './archive.ts';
import type { ImageContent } from './archive.ts';

export const helperImage = 'docker.io/doctune-node/volume-helper:1';
export const provisionerImage = `docker.io/doctune-node/local-path-provisioner:${localPathVersion}`;

const searchPath = ['PATH=/usr/local/bin:/usr/sbin:/usr/bin:/bin'];

/** The images that kubeadm asks for by name, with the tags that it asks for. */
export async function kubeadmImages(kubeadm: string, version: string): Promise<string[]> {
  const list = await run(kubeadm, ['config', 'images', 'list', '--kubernetes-version', version]);
  return list.split('\n').filter((line) => line !== '');
}

/**
 * Write the archives of all images that run in a fresh cluster. `root` is the node's root file system, which lends
 * kube-proxy its packet filter programs; `work` takes one folder and one archive an image.
 */
export async function writeClusterImages(root: string, work: string, references: readonly string[]): Promise<string[]> {
  const contents = await Promise.all(references.map((reference) => controlPlaneImage(root, work, reference)));
  contents.push(await provisioner(work), await helper(root, work));
  const archives: string[] = [];
  for (const content of contents) {
    const archive = `${content.folder}.tar`;
    await writeArchive(content, archive);
    archives.push(archive);
  }
  return archives;
}

async function install(name: BinaryName, target: string): Promise<void> {
  const { [name]: path } = await binaries([name]);
  await mkdir(dirname(target), { recursive: true });
  await copyFile(path, target);
  await chmod(target, 0o755);
}

async function controlPlaneImage(root: string, work: string, reference: string): Promise<ImageContent> {
  const name = basename(reference).replace(/:.*/, '') as BinaryName;
  const folder = join(work, name);
  if (name === 'pause' || name === 'coredns') {
    await install(name, join(folder, name));
    return { reference, folder, entrypoint: [`/${name}`] };
  }
  await install(name, join(folder, 'usr/local/bin', name));
  if (name === 'kube-proxy') await addPacketFilter(root, folder);
  return { reference, folder, env: searchPath };
}

async function provisioner(work: string): Promise<ImageContent> {
  const folder = join(work, 'local-path-provisioner');
  await install('local-path-provisioner', join(folder, 'usr/bin/local-path-provisioner'));
  return { reference: provisionerImage, folder, entrypoint: ['/usr/bin/local-path-provisioner'], env: searchPath };
}

async function helper(root: string, work: string): Promise<ImageContent> {
  const folder = join(work, 'volume-helper');
  await mkdir(join(folder, 'bin'), { recursive: true });
  await copyFile(join(root, 'bin/busybox'), join(folder, 'bin/busybox'));
  for (const applet of ['sh', 'mkdir', 'rm']) await symlink('busybox', join(folder, 'bin', applet));
  return { reference: helperImage, folder, env: searchPath };
}

/** iptables in its nftables form, nft and conntrack with their libraries, in the places that Debian uses. */
async function addPacketFilter(root: string, folder: string): Promise<void> {
  for (const path of ['usr/sbin', 'etc', 'tmp', 'run']) await mkdir(join(folder, path), { recursive: true });
  const programs = ['xtables-nft-multi', 'nft', 'conntrack'];
  for (const program of programs) await copyFile(join(root, 'usr/sbin', program), join(folder, 'usr/sbin', program));
  for (const family of ['iptables', 'ip6tables'])
    for (const form of ['', '-save', '-restore'])
      await symlink('xtables-nft-multi', join(folder, 'usr/sbin', `${family}${form}`));
  const extensions = (await run('find', [join(root, 'usr/lib'), '-path', '*/xtables/*.so'])).trim().split('\n');
  const inRoot = extensions.map((path) => path.slice(root.length));
  for (const path of inRoot) await cp(join(root, path), join(folder, path), { dereference: true });
  const used = await run('chroot', [root, 'ldd', ...programs.map((program) => `/usr/sbin/${program}`), ...inRoot]);
  for (const [, library] of used.matchAll(/(?:=>\s+|^\s+)(\/\S+)/gm))
    if (library !== undefined) await cp(join(root, library), join(folder, library), { dereference: true });
  await symlink('usr/sbin', join(folder, 'sbin'));
}
