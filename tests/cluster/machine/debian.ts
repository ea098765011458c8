import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';
import { exclusively } from './lock.ts';
import { exists, inCache } from './paths.ts';
import { step } from './steps.ts';

/** Keeps a package's post-install script from starting its service; `invoke-rc.d` asks this file. */
const policyFile = '/usr/sbin/policy-rc.d';

const quiet = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };

async function requireDebian(wanted: string): Promise<void> {
  if (!(await exists('/usr/bin/apt-get')))
    throw new Error(
      `"${wanted}" is missing and this machine has no apt-get: install it, or start Docker and try again`,
    );
  if (process.getuid?.() !== 0)
    throw new Error(`"${wanted}" is missing: run this as root once, or install it yourself`);
}

/** Install Debian packages that this machine lacks; `programs` maps a program's path to the package that has it. */
export async function ensurePrograms(programs: Readonly<Record<string, string>>): Promise<void> {
  const missing: string[] = [];
  for (const [program, name] of Object.entries(programs)) if (!(await exists(program))) missing.push(name);
  if (missing.length === 0) return;
  await requireDebian(missing.join(', '));
  await exclusively('apt', () =>
    step(`installing ${missing.join(', ')} from Debian`, '15 s', async () => {
      const madePolicy = !(await exists(policyFile));
      if (madePolicy) await writeFile(policyFile, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
      try {
        await run('apt-get', ['update', '-q'], { env: quiet });
        await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...missing], { env: quiet });
      } finally {
        if (madePolicy) await rm(policyFile, { force: true });
      }
    }),
  );
}

/** Unpack Debian packages below the cache without installing them, and give the folder. */
export async function unpackedPackages(names: readonly string[]): Promise<string> {
  const folder = inCache('debian', names.join('+'));
  if (await exists(folder)) return folder;
  await requireDebian(names.join(', '));
  return exclusively('apt', () =>
    step(`fetching ${names.join(', ')} from Debian`, '20 s', async () => {
      if (await exists(folder)) return folder;
      const work = `${folder}.tmp`;
      await rm(work, { recursive: true, force: true });
      await mkdir(join(work, 'archives'), { recursive: true });
      // apt's own user must be able to write where it downloads to, else it warns and goes on as root
      await run('apt-get', ['update', '-q'], { env: quiet });
      await run('apt-get', ['download', '-q', '-o', 'APT::Sandbox::User=root', ...names], {
        cwd: join(work, 'archives'),
      });
      for (const name of names) {
        const archive = (await run('find', [join(work, 'archives'), '-name', `${name}_*.deb`])).trim();
        await run('dpkg', ['-x', archive, work]);
      }
      await rm(join(work, 'archives'), { recursive: true });
      await rename(work, folder);
      return folder;
    }),
  );
}

/** The Debian mirror that this machine installs from, so that a bootstrap asks no other. */
export async function debianMirror(): Promise<string> {
  const named = process.env['DOCTUNE_DEBIAN_MIRROR'];
  if (named !== undefined) return named;
  const entries = await run('apt-get', ['indextargets', '--format', '$(ORIGIN) $(REPO_URI)', 'Created-By: Packages']);
  const mirror = entries
    .split('\n')
    .map((line) => line.split(' '))
    .find(([origin, uri]) => origin === 'Debian' && uri !== undefined && !uri.includes('security'))?.[1];
  if (mirror === undefined) throw new Error('no Debian mirror in apt: set "DOCTUNE_DEBIAN_MIRROR" to one');
  return mirror;
}

export interface Bootstrap {
  suite: 'bookworm' | 'trixie';
  /** Packages beyond the minimal system, with their dependencies but without recommendations. */
  packages: readonly string[];
}

/** Make a minimal Debian root file system in `root`, which must not exist yet. Takes half a minute and needs root. */
export async function bootstrap(root: string, { suite, packages }: Bootstrap, log: string): Promise<void> {
  await ensurePrograms({ '/usr/sbin/debootstrap': 'debootstrap' });
  await run('debootstrap', ['--variant=minbase', suite, root, await debianMirror()], { log });
  await writeFile(join(root, policyFile), '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  const inside = { log, env: quiet };
  await run('chroot', [root, 'apt-get', 'update', '-q'], inside);
  if (packages.length > 0)
    await run('chroot', [root, 'apt-get', 'install', '-y', '-q', '--no-install-recommends', ...packages], inside);
  // both describe the machine that made the root, not the one that runs it
  for (const path of [policyFile, 'etc/resolv.conf', 'etc/hostname']) await rm(join(root, path), { force: true });
  for (const path of [
    'var/cache/apt',
    'var/lib/apt/lists',
    'usr/share/doc',
    'usr/share/man',
    'usr/share/locale',
    'var/log',
  ])
    await run('find', [join(root, path), '-mindepth', '1', '-delete']);
}
