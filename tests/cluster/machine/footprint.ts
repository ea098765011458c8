import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run, succeeds } from './command.ts';
import { exists, inCache } from './paths.ts';

/** Kernel settings that dockerd, systemd, kubelet and kube-proxy change for the whole machine. */
const changedSettings = [
  'fs/file-max',
  'fs/nr_open',
  'fs/protected_fifos',
  'fs/protected_hardlinks',
  'fs/protected_regular',
  'fs/protected_symlinks',
  'kernel/keys/root_maxbytes',
  'kernel/keys/root_maxkeys',
  'kernel/panic',
  'kernel/panic_on_oops',
  'kernel/pid_max',
  'kernel/sysrq',
  // forwarding comes first, as writing it sets others
  'net/ipv4/ip_forward',
  'net/ipv4/conf/all/accept_redirects',
  'net/ipv4/conf/all/forwarding',
  'net/ipv4/conf/all/route_localnet',
  'net/ipv4/conf/all/rp_filter',
  'net/ipv4/conf/default/forwarding',
  'net/ipv4/conf/default/rp_filter',
  'net/ipv6/conf/all/forwarding',
  'net/ipv6/conf/default/forwarding',
  'net/netfilter/nf_conntrack_max',
  'vm/overcommit_memory',
  'vm/panic_on_oom',
] as const;

/** The machine before the first change: what `restoreMachine` goes back to. */
interface Footprint {
  settings: Record<string, string>;
  links: string[];
  /** Rules by table and address family, as `iptables-save` prints them. */
  rules: Record<string, string>;
  folders: string[];
}

/** In the cache, not in the checkout, as all checkouts share the machine. */
const record = (): string => inCache('machine-before.json');
const families = ['iptables', 'ip6tables'] as const;
/** Folders that containerd and dockerd make outside their own data folders. */
const strayFolders = ['/run/containerd', '/run/docker', '/var/run/docker', '/etc/docker/key.json', '/var/lib/docker'];

async function links(): Promise<string[]> {
  const list = JSON.parse(await run('ip', ['-j', 'link', 'show'])) as { ifname: string }[];
  return list.map((link) => link.ifname);
}

/** Rules without counters and comments, so that two readings of an unchanged machine are equal. */
async function rules(family: (typeof families)[number]): Promise<string> {
  const saved = await run(`${family}-save`, []).catch(() => '');
  return saved
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.replace(/ \[\d+:\d+\]$/, ' [0:0]'))
    .join('\n');
}

/** Write down what the machine looks like, unless an earlier start, perhaps a killed one, already did. */
export async function recordMachine(): Promise<void> {
  if (await exists(record())) return;
  const before: Footprint = { settings: {}, links: await links(), rules: {}, folders: [] };
  for (const setting of changedSettings) {
    const value = await readFile(join('/proc/sys', setting), 'utf8').catch(() => undefined);
    if (value !== undefined) before.settings[setting] = value.trim();
  }
  for (const family of families) before.rules[family] = await rules(family);
  for (const folder of strayFolders) if (await exists(folder)) before.folders.push(folder);
  await mkdir(inCache(), { recursive: true });
  await writeFile(record(), JSON.stringify(before, null, 2));
}

/** Rules of `iptables-save` less those that Docker added since `before`; what others added meanwhile stays. */
export function withoutDocker(now: string, before: string): string {
  const known = new Set(before.split('\n'));
  const isDockers = /\b(DOCKER|docker0|br-[0-9a-f]{12})\b/;
  return now
    .split('\n')
    .filter((line) => known.has(line) || !isDockers.test(line))
    .join('\n');
}

async function removeDockerRules(before: Footprint): Promise<void> {
  for (const family of families) {
    const now = await rules(family);
    const kept = withoutDocker(now, before.rules[family] ?? '');
    if (kept !== now) await run(`${family}-restore`, [], { input: `${kept}\n` });
  }
}

async function removeCgroups(): Promise<void> {
  // only empty groups can be removed, so this never takes a group that someone uses
  for (const name of ['doctune', 'docker', 'kubelet', 'kubelet.slice']) {
    const groups = ['/sys/fs/cgroup', '-depth', '-type', 'd', '(', '-path', `*/${name}/*`, '-o', '-name', name, ')'];
    await succeeds('find', [...groups, '-exec', 'rmdir', '{}', ';']);
  }
}

/**
 * Put the machine back to the record. Kernel settings always; what Docker made (links, packet filter rules, folders,
 * control groups) only after the private Docker has ended. Without a record it does nothing.
 */
export async function restoreMachine(isDockerGone: boolean): Promise<void> {
  if (!(await exists(record()))) return;
  const before = JSON.parse(await readFile(record(), 'utf8')) as Footprint;
  if (isDockerGone) await removeDockerTraces(before);
  for (const [setting, value] of Object.entries(before.settings)) {
    const path = join('/proc/sys', setting);
    if ((await readFile(path, 'utf8')).trim() !== value) await writeFile(path, value);
  }
  await rm(record());
}

async function removeDockerTraces(before: Footprint): Promise<void> {
  for (const link of await links()) {
    const isDockers = /^(docker0|br-[0-9a-f]{12}|veth[0-9a-f]+)$/.test(link);
    if (isDockers && !before.links.includes(link)) await succeeds('ip', ['link', 'delete', link]);
  }
  await removeDockerRules(before);
  for (const folder of strayFolders)
    if (!before.folders.includes(folder)) await rm(folder, { recursive: true, force: true });
  await removeCgroups();
}

/** Whether something was changed and not put back yet. */
export async function isMachineChanged(): Promise<boolean> {
  return exists(record());
}
