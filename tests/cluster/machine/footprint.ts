import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run, succeeds } from './command.ts';
import { exists, stateFolder } from './paths.ts';

/** Kernel settings that dockerd, kubelet and kube-proxy change for the whole machine. */
const changedSettings = [
  'kernel/keys/root_maxbytes',
  'kernel/keys/root_maxkeys',
  'kernel/panic',
  'kernel/panic_on_oops',
  'net/ipv4/ip_forward',
  'net/ipv4/conf/all/forwarding',
  'net/ipv4/conf/default/forwarding',
  'net/ipv4/conf/all/route_localnet',
  'net/ipv6/conf/all/forwarding',
  'net/ipv6/conf/default/forwarding',
  'net/netfilter/nf_conntrack_max',
  'vm/overcommit_memory',
  'vm/panic_on_oom',
];

/** The machine before the first change: what `restoreMachine` goes back to. */
interface Footprint {
  settings: Record<string, string>;
  links: string[];
  /** Rules by table and address family, as `iptables-save` prints them. */
  rules: Record<string, string>;
  folders: string[];
}

const record = join(stateFolder, 'machine-before.json');
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
  if (await exists(record)) return;
  const before: Footprint = { settings: {}, links: await links(), rules: {}, folders: [] };
  for (const setting of changedSettings) {
    const value = await readFile(join('/proc/sys', setting), 'utf8').catch(() => undefined);
    if (value !== undefined) before.settings[setting] = value.trim();
  }
  for (const family of families) before.rules[family] = await rules(family);
  for (const folder of strayFolders) if (await exists(folder)) before.folders.push(folder);
  await mkdir(stateFolder, { recursive: true });
  await writeFile(record, JSON.stringify(before, null, 2));
}

async function restoreRules(before: Footprint): Promise<void> {
  for (const family of families) {
    const wanted = before.rules[family];
    if (wanted === undefined || wanted === (await rules(family))) continue;
    // an empty table is not named by iptables-save, so a restore alone would keep what was added to it
    for (const table of ['filter', 'nat', 'mangle', 'raw']) {
      for (const clear of ['-F', '-X']) await succeeds(family, ['-w', '-t', table, clear]);
      const policies = table === 'filter' ? ['INPUT', 'FORWARD', 'OUTPUT'] : [];
      for (const chain of policies) await succeeds(family, ['-w', '-t', table, '-P', chain, 'ACCEPT']);
    }
    if (wanted !== '') await run(`${family}-restore`, [], { input: `${wanted}\n` });
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
 * Put the machine back to the record: network links, packet filter rules, kernel settings, folders, control groups.
 * Call it when no daemon and no container is left. Without a record it does nothing.
 */
export async function restoreMachine(): Promise<void> {
  if (!(await exists(record))) return;
  const before = JSON.parse(await readFile(record, 'utf8')) as Footprint;
  for (const link of await links()) {
    const isOurs = /^(docker0|br-[0-9a-f]{12}|veth[0-9a-f]+)$/.test(link);
    if (isOurs && !before.links.includes(link)) await succeeds('ip', ['link', 'delete', link]);
  }
  await restoreRules(before);
  for (const [setting, value] of Object.entries(before.settings)) {
    const path = join('/proc/sys', setting);
    if ((await readFile(path, 'utf8')).trim() !== value) await writeFile(path, value);
  }
  for (const folder of strayFolders)
    if (!before.folders.includes(folder)) await rm(folder, { recursive: true, force: true });
  await removeCgroups();
  await rm(record);
}
