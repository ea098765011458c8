import { readFile } from 'node:fs/promises';
import { run } from '../machine/command.ts';
import { inCache } from '../machine/paths.ts';

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

/** What a running cluster and a private Docker leave on a machine, one line each; empty on a clean one. */
export async function traces(): Promise<string[]> {
  const docker = inCache('docker');
  const links = lines(await run('ip', ['-o', 'link', 'show'])).filter((line) =>
    /\b(docker0|br-[0-9a-f]{12}|veth)/.test(line),
  );
  const mounts = lines(await readFile('/proc/self/mounts', 'utf8')).filter((line) => line.includes(docker));
  const processes = lines(await run('ps', ['-e', '-o', 'pid=,args=', '-ww'])).filter((line) => line.includes(docker));
  const groups = lines(await run('find', ['/sys/fs/cgroup', '-maxdepth', '2', '-name', 'doctune', '-type', 'd']));
  const rules: string[] = [];
  for (const family of ['iptables', 'ip6tables'])
    rules.push(...lines(await run(`${family}-save`, []).catch(() => '')).filter((line) => /DOCKER|docker0/.test(line)));
  const named = { link: links, mount: mounts, process: processes, 'control group': groups, rule: rules };
  return Object.entries(named).flatMap(([kind, found]) => found.map((line) => `${kind}: ${line.trim()}`));
}

/** Kernel settings that change on their own, so that two readings always differ. */
const restless =
  /^(fs\.(dentry-state|inode|file-nr|quota|aio-nr)|kernel\.(random|ns_last_pid|pty\.nr)|net\.\S+(_count|\.gc_)|net\.netfilter\.nf_conntrack_count)/;

/** All kernel settings but the restless ones and those of single network links. */
export async function kernelSettings(): Promise<Map<string, string>> {
  const all = lines(await run('sysctl', ['--all', '--ignore']).catch(() => ''));
  const pairs = all.map((line) => [line.split(' = ')[0] ?? line, line] as const);
  return new Map(pairs.filter(([name]) => !restless.test(name) && !/\.(docker0|br-\w+|veth\w+)\./.test(name)));
}
