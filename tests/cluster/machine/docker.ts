import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run, succeeds } from './command.ts';
import { ensurePrograms } from './debian.ts';
import { recordMachine } from './footprint.ts';
import { exclusively } from './lock.ts';
import { exists, inCache } from './paths.ts';
import { step, until } from './steps.ts';

/** A Docker that answers. */
export interface Docker {
  /** Environment in which `docker` and `kind` reach it. */
  env: NodeJS.ProcessEnv;
  /** Whether it is the private one that this project started, which has no image registry. */
  isPrivate: boolean;
}

const folder = (): string => inCache('docker');
const socket = (): string => join(folder(), 'run', 'docker.sock');

/** Control group above all containers, so that they can be found when their daemon is gone. */
const cgroupParent = 'doctune';

/** Bit of CAP_SYS_RESOURCE in the capability masks of /proc/self/status. */
const sysResource = 1n << 24n;

/** A socket's path has at most 107 characters; containerd's are the longest ones, below `run/`. */
const longestFolder = 70;

function privateEnvironment(): NodeJS.ProcessEnv {
  // Debian's client has BuildKit built in, and a newer one elsewhere on the path may lack its plugin
  const path = ['/usr/bin', '/usr/sbin', process.env['PATH']].filter((part) => part !== undefined).join(':');
  return { ...process.env, PATH: path, DOCKER_HOST: `unix://${socket()}`, DOCKER_BUILDKIT: '1' };
}

async function answers(env: NodeJS.ProcessEnv): Promise<boolean> {
  return succeeds('docker', ['info'], { env, timeout: 15_000 });
}

/** Give a running Docker: the machine's own where it answers, else a private one that is started now. */
export async function docker(): Promise<Docker> {
  const own: NodeJS.ProcessEnv = { ...process.env, DOCKER_BUILDKIT: '1' };
  const isOther = own['DOCKER_HOST'] !== `unix://${socket()}`;
  if (process.env['DOCTUNE_DOCKER'] !== 'private' && isOther && (await answers(own)))
    return { env: own, isPrivate: false };
  const env = privateEnvironment();
  if (!((await exists(socket())) && (await answers(env)))) await exclusively('docker', () => start(env));
  return { env, isPrivate: true };
}

/** Whether a private Docker was ever started here and its data is still there. */
export async function hasPrivateDocker(): Promise<boolean> {
  return exists(folder());
}

/** Delete the private Docker's images and containers. Call it only when the daemon has ended. */
export async function purgePrivateDocker(): Promise<void> {
  await rm(folder(), { recursive: true, force: true });
}

/** Images of one name that are kept: going back one or two commits shall not build again. */
const keptImages = 3;

/** Delete all but the newest images of a name; one that a container uses stays. */
export async function removeOlderImages(name: string, env: NodeJS.ProcessEnv): Promise<void> {
  // Docker lists the newest first
  const list = await run('docker', ['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}', name], { env });
  for (const reference of list.split('\n').slice(keptImages))
    if (reference !== '') await succeeds('docker', ['image', 'rm', reference], { env });
}

async function start(env: NodeJS.ProcessEnv): Promise<void> {
  if ((await exists(socket())) && (await answers(env))) return;
  if (folder().length > longestFolder)
    throw new Error(
      `the cache folder "${inCache()}" is too long for Docker's sockets: set "DOCTUNE_CACHE" to a shorter one`,
    );
  await ensurePrograms({ '/usr/sbin/dockerd': 'docker.io', '/usr/bin/docker': 'docker.io' });
  await step('starting a private Docker', '2 s', async () => {
    await recordMachine();
    await stopPrivateDocker();
    await mkdir(join(folder(), 'run'), { recursive: true });
    // with forwarding off, dockerd turns it on and sets the machine's FORWARD policy to DROP
    await writeFile('/proc/sys/net/ipv4/ip_forward', '1');
    await startContainerd(env);
    await startDockerd(env);
  });
}

/** Start a program that outlives this one, its output in a log beside its files. */
async function startDaemon(name: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const log = openSync(join(folder(), 'run', `${name}.log`), 'a');
  const child = spawn(name, args, { detached: true, stdio: ['ignore', log, log], env });
  child.unref();
  await new Promise((done, fail) => child.once('spawn', done).once('error', fail));
}

async function startContainerd(env: NodeJS.ProcessEnv): Promise<void> {
  const run = join(folder(), 'run');
  const config = `version = 2
root = "${join(folder(), 'containerd')}"
state = "${join(run, 'containerd')}"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "${join(run, 'containerd.sock')}"
[plugins."io.containerd.internal.v1.opt"]
  path = "${join(folder(), 'containerd-opt')}"
`;
  await writeFile(join(run, 'containerd.toml'), config);
  await startDaemon('containerd', ['--config', join(run, 'containerd.toml')], env);
  await until('containerd', 20_000, async () => ((await exists(join(run, 'containerd.sock'))) ? true : undefined), 50);
}

async function startDockerd(env: NodeJS.ProcessEnv): Promise<void> {
  const run = join(folder(), 'run');
  const paths = ['--data-root', join(folder(), 'data'), '--exec-root', join(run, 'docker')];
  const sockets = ['--host', `unix://${socket()}`, '--containerd', join(run, 'containerd.sock')];
  const engine = [
    '--cgroup-parent',
    `/${cgroupParent}`,
    '--storage-driver',
    'overlay2',
    '--exec-opt',
    'native.cgroupdriver=cgroupfs',
  ];
  const pidfile = ['--pidfile', join(run, 'dockerd.pid')];
  await startDaemon('dockerd', [...sockets, ...paths, ...pidfile, ...engine, ...(await runtimeOptions())], env);
  await until('dockerd', 30_000, async () => ((await answers(env)) ? true : undefined), 100).catch(
    async (cause: unknown) => {
      const log = await readFile(join(run, 'dockerd.log'), 'utf8');
      throw new Error(`the private Docker does not start: ${log.slice(-1500)}`, { cause });
    },
  );
}

async function runtimeOptions(): Promise<string[]> {
  const status = await readFile('/proc/self/status', 'utf8');
  const bounding = BigInt(`0x${/^CapBnd:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? '0'}`);
  if ((bounding & sysResource) !== 0n) return [];
  // a copy, as the daemon may outlive this checkout
  const wrapper = join(folder(), 'run', 'runc-without-resource');
  await copyFile(join(import.meta.dirname, 'runc-without-resource'), wrapper);
  return ['--add-runtime', `limited=${wrapper}`, '--default-runtime', 'limited'];
}

/** End the private daemons and unmount what they left, also when they were killed. The data stays. */
export async function stopPrivateDocker(): Promise<void> {
  for (const name of ['dockerd', 'containerd']) await stopDaemon(name);
  await endContainers();
  const mounts = (await readFile('/proc/self/mounts', 'utf8'))
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${folder()}/`));
  for (const path of mounts.reverse()) await succeeds('umount', ['--lazy', path]);
  await rm(join(folder(), 'run'), { recursive: true, force: true });
}

/** Processes of a daemon of ours. They are known by their arguments, as a number in a file may be another's by now. */
async function daemonProcesses(name: string): Promise<number[]> {
  const found = await run('pgrep', ['-f', `^([^ ]*/)?${name} .*${folder()}/run/`]).catch(() => '');
  return found
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
}

async function stopDaemon(name: string): Promise<void> {
  for (const pid of await daemonProcesses(name)) process.kill(pid, 'SIGTERM');
  const isGone = async (): Promise<true | undefined> => ((await daemonProcesses(name)).length === 0 ? true : undefined);
  await until(`the end of ${name}`, 30_000, isGone, 50);
}

/** End what a killed daemon left running: shims by their command line, containers by their control group. */
async function endContainers(): Promise<void> {
  const shims = await run('pgrep', ['-f', `^[^ ]*containerd-shim.*${folder()}/`]).catch(() => '');
  const groups = ['/sys/fs/cgroup', '-path', `*/${cgroupParent}/*`, '-name', 'cgroup.procs', '-exec', 'cat', '{}', '+'];
  const contained = await run('find', groups).catch(() => '');
  for (const pid of new Set(`${shims}\n${contained}`.split('\n').filter((line) => line !== ''))) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // it ended with the process that held it
    }
  }
}
