import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../machine/command.ts';
import { ensurePrograms } from '../machine/debian.ts';
import { exists } from '../machine/paths.ts';
import { until } from '../machine/steps.ts';

/**
 * Put images into the image store of a root file system that is not running, so that a node made from it starts
 * without loading anything. A containerd of this machine writes there, below `work` it keeps its socket.
 */
export async function preloadImages(root: string, work: string, archives: readonly string[]): Promise<void> {
  await ensurePrograms({ '/usr/bin/containerd': 'containerd', '/usr/bin/ctr': 'containerd' });
  const socket = join(work, 'c.sock');
  const config = `version = 2
root = "${join(root, 'var/lib/containerd')}"
state = "${join(work, 'state')}"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "${socket}"
[plugins."io.containerd.internal.v1.opt"]
  path = "${join(work, 'opt')}"
`;
  await writeFile(join(work, 'containerd.toml'), config);
  const containerd = spawn('/usr/bin/containerd', ['--config', join(work, 'containerd.toml')], { stdio: 'ignore' });
  const ended = once(containerd, 'exit');
  try {
    await until('containerd', 20_000, async () => ((await exists(socket)) ? true : undefined), 50);
    const images = async (...args: string[]): Promise<string> =>
      run('/usr/bin/ctr', ['--address', socket, '--namespace', 'k8s.io', 'images', ...args]);
    for (const archive of archives) await images('import', '--no-unpack', archive);
    // a full disk makes kubelet delete images; a pinned one could not be pulled again
    for (const name of (await images('ls', '--quiet')).trim().split('\n'))
      await images('label', name, 'io.cri-containerd.pinned=pinned');
  } finally {
    containerd.kill('SIGTERM');
    await ended;
  }
}
