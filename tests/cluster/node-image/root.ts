import { appendFile, chmod, copyFile, mkdir, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { binaries } from '../binaries.ts';
import { downloadModule } from '../binaries/go.ts';
import { kindVersion, kubernetesVersion } from '../binaries/recipes.ts';
import { run } from '../machine/command.ts';
import { bootstrap } from '../machine/debian.ts';
import { helperImage, provisionerImage } from './cluster-images.ts';

const ownFiles = join(import.meta.dirname, 'files');

/** What kind's own node image has and the Kubernetes components need, in Debian's names. */
export const nodePackages = [
  'bash',
  'busybox-static',
  'ca-certificates',
  'conntrack',
  'containerd',
  'containernetworking-plugins',
  'ethtool',
  'iproute2',
  'iptables',
  'jq',
  'kmod',
  'mount',
  'nftables',
  'procps',
  'runc',
  'systemd',
] as const;

/** Units that would touch devices, consoles or the machine's own file systems from within a container. */
const unwantedUnits = [
  'lib/systemd/system/multi-user.target.wants',
  'lib/systemd/system/local-fs.target.wants',
  'lib/systemd/system/basic.target.wants',
];

/** Make a node's root file system: Debian, kind's files, our network and storage, the Kubernetes programs. */
export async function makeNodeRoot(root: string, pauseImage: string, log: string): Promise<void> {
  await bootstrap(root, { suite: 'bookworm', packages: nodePackages }, log);
  await quietSystemd(root);
  await addKindFiles(root);
  await addOwnFiles(root, pauseImage);
  const programs = await binaries(['kubeadm', 'kubelet', 'kubectl']);
  for (const [name, path] of Object.entries(programs)) await put(path, join(root, 'usr/bin', name), 0o755);
  await writeFile(join(root, 'kind/version'), kubernetesVersion);
  await enable(root, ['kubelet', 'containerd', 'undo-mount-hacks', 'pod-network']);
}

async function put(from: string, to: string, mode: number): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await rm(to, { force: true });
  await copyFile(from, to);
  await chmod(to, mode);
}

async function quietSystemd(root: string): Promise<void> {
  for (const folder of unwantedUnits)
    await run('find', [join(root, folder), '-mindepth', '1', '-delete']).catch(() => '');
  await run('find', [join(root, 'etc/systemd/system'), '-path', '*.wants/*', '-delete']);
  const sockets = ['(', '-name', '*udev*', '-o', '-name', '*initctl*', ')'];
  await run('find', [join(root, 'lib/systemd/system/sockets.target.wants'), ...sockets, '-delete']);
  await rm(join(root, 'lib/systemd/system/sysinit.target.wants/systemd-tmpfiles-setup.service'), { force: true });
  await rm(join(root, 'var/lib/containerd'), { recursive: true, force: true });
  await symlink('/dev/null', join(root, 'etc/systemd/system/systemd-binfmt.service'));
  await symlink('/usr/lib/systemd/systemd', join(root, 'sbin/init')).catch(() => undefined);
  await appendFile(join(root, 'etc/systemd/journald.conf'), 'ReadKMsg=no\n');
}

/** kind's entry point, units and settings, from its module at build time. */
async function addKindFiles(root: string): Promise<void> {
  const { Dir: module } = await downloadModule(`sigs.k8s.io/kind@${kindVersion}`);
  const files = join(module, 'images/base/files');
  const copyAll = async (folder: string, mode: number): Promise<void> => {
    for (const entry of await readdir(join(files, folder), { withFileTypes: true }))
      if (entry.isFile()) await put(join(files, folder, entry.name), join(root, folder, entry.name), mode);
  };
  await copyAll('kind/bin', 0o755);
  const settings = ['etc/systemd/system', 'etc/systemd/system/kubelet.service.d', 'etc/default', 'etc/sysctl.d'];
  for (const folder of settings) await copyAll(folder, 0o644);
  // for a snapshotter that only rootless Docker needs, and that is not in the image
  await rm(join(root, 'etc/systemd/system/containerd-fuse-overlayfs.service'), { force: true });
  await put(join(files, 'usr/local/bin/entrypoint'), join(root, 'usr/local/bin/entrypoint'), 0o755);
}

async function addOwnFiles(root: string, pauseImage: string): Promise<void> {
  const values: Record<string, string> = {
    '@PAUSE_IMAGE@': pauseImage,
    '@HELPER_IMAGE@': helperImage,
    '@PROVISIONER_IMAGE@': provisionerImage,
  };
  const fill = async (name: string, to: string, mode = 0o644): Promise<void> => {
    const text = await readFile(join(ownFiles, name), 'utf8');
    await mkdir(dirname(join(root, to)), { recursive: true });
    await writeFile(
      join(root, to),
      text.replaceAll(/@[A-Z_]+@/g, (mark) => values[mark] ?? mark),
      { mode },
    );
  };
  await fill('containerd.toml', 'etc/containerd/config.toml');
  await fill('crictl', 'usr/local/bin/crictl', 0o755);
  await fill('pod-network', 'usr/local/bin/pod-network', 0o755);
  await fill('pod-network.service', 'etc/systemd/system/pod-network.service');
  await fill('pod-network.yaml', 'kind/manifests/default-cni.yaml');
  await fill('storage.yaml', 'kind/manifests/default-storage.yaml');
  await mkdir(join(root, 'etc/kubernetes/manifests'), { recursive: true });
  await mkdir(join(root, 'opt/cni'), { recursive: true });
  await symlink('/usr/lib/cni', join(root, 'opt/cni/bin'));
  // kind's unit looks for it where kind's own image has it
  await symlink('/usr/bin/containerd', join(root, 'usr/local/bin/containerd'));
}

async function enable(root: string, units: readonly string[]): Promise<void> {
  const wants = join(root, 'etc/systemd/system/multi-user.target.wants');
  await mkdir(wants, { recursive: true });
  for (const unit of units) await symlink(`/etc/systemd/system/${unit}.service`, join(wants, `${unit}.service`));
}
