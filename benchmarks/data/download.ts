import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { DocumentationSet } from './sets.ts';

const run = promisify(execFile);

const cacheFolder = (): string =>
  join(
    process.env['DOCTUNE_CACHE'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'doctune'),
    'documentation',
  );

/** The unpacked archive of a package, from the cache if it was fetched before. Throws if its digest is another. */
export async function fetchSet(set: DocumentationSet): Promise<string> {
  const target = join(cacheFolder(), `${set.package}-${set.version}-${set.sha256.slice(0, 12)}`);
  if ((await stat(target).catch(() => undefined)) !== undefined) return target;
  await mkdir(cacheFolder(), { recursive: true });
  const work = await mkdtemp(join(cacheFolder(), 'fetch-'));
  try {
    const archive = await download(set, work);
    const sha256 = createHash('sha256')
      .update(await readFile(archive))
      .digest('hex');
    if (sha256 !== set.sha256)
      throw new Error(`"${set.package}" ${set.version} has the digest ${sha256}, not ${set.sha256}`);
    const content = join(work, 'content');
    await mkdir(content);
    await run('tar', ['-xzf', archive, '-C', content, '--strip-components=1', '--no-same-owner']);
    await rename(content, target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return target;
}

/** By the clients of the registries, so that their settings hold. */
async function download({ registry, package: name, version }: DocumentationSet, folder: string): Promise<string> {
  if (registry === 'npm') await run('npm', ['pack', '--silent', `${name}@${version}`], { cwd: folder });
  else
    await run('python3', [
      '-m',
      'pip',
      'download',
      '--quiet',
      '--no-deps',
      '--no-binary',
      name,
      '--dest',
      folder,
      `${name}==${version}`,
    ]);
  const [archive] = (await readdir(folder)).filter((file) => /\.(?:tgz|tar\.gz)$/.test(file));
  if (archive === undefined) throw new Error(`"${name}" ${version} has no source archive`);
  return join(folder, archive);
}
