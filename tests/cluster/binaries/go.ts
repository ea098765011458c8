import { chmod, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../machine/command.ts';
import { ensurePrograms } from '../machine/debian.ts';
import { exclusively } from '../machine/lock.ts';
import { exists, inCache } from '../machine/paths.ts';
import { step } from '../machine/steps.ts';

/** The Go that the recipes need at least; also the one that is fetched where there is none. */
const goVersion = '1.26.0';

/** First Go that fetches a newer toolchain by itself when a module asks for one. */
const firstSelfUpdating = 21;

async function minorVersion(program: string): Promise<number> {
  const text = await run(program, ['version'], { env: { ...process.env, GOTOOLCHAIN: 'local' } }).catch(() => '');
  return Number(/go1\.(\d+)/.exec(text)?.[1] ?? 0);
}

/**
 * Give a Go program that is new enough, or that updates itself. Without one, Debian's Go is installed once to
 * fetch the toolchain, which is published as a Go module.
 */
export async function goProgram(): Promise<string> {
  if ((await minorVersion('go')) >= firstSelfUpdating) return 'go';
  const folder = inCache('go', goVersion);
  const program = join(folder, 'bin', 'go');
  if (await exists(program)) return program;
  await ensurePrograms({ '/usr/bin/go': 'golang-go' });
  await exclusively('go-toolchain', () =>
    step(`fetching the Go ${goVersion} toolchain`, '1 min', async () => {
      if (!(await exists(program))) await fetchToolchain(folder);
    }),
  );
  return program;
}

async function fetchToolchain(folder: string): Promise<void> {
  const platform = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
  const module = `golang.org/toolchain@v0.0.1-go${goVersion}.${platform}`;
  const { Dir: source } = await downloadModule(module, '/usr/bin/go');
  await rm(`${folder}.tmp`, { recursive: true, force: true });
  await run('mkdir', ['-p', `${folder}.tmp`]);
  await run('cp', ['-r', '--no-preserve=mode', `${source}/.`, `${folder}.tmp`]);
  // module archives carry no execute permission
  for (const place of ['bin', 'pkg/tool']) await run('chmod', ['-R', 'a+rx', join(`${folder}.tmp`, place)]);
  await chmod(`${folder}.tmp`, 0o755);
  await rename(`${folder}.tmp`, folder);
}

export interface DownloadedModule {
  /** Folder with the module's files, read-only. */
  Dir: string;
  /** Path of its go.mod. */
  GoMod: string;
}

/** Fetch `path@version` into Go's module cache; Go checks it against the public checksum database. */
export async function downloadModule(module: string, program?: string): Promise<DownloadedModule> {
  const cwd = inCache();
  await run('mkdir', ['-p', cwd]);
  const answer = await run(program ?? (await goProgram()), ['mod', 'download', '-json', module], { cwd });
  return JSON.parse(answer) as DownloadedModule;
}
