import { chmod, cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../machine/command.ts';
import { exclusively } from '../machine/lock.ts';
import { exists, inCache } from '../machine/paths.ts';
import { step } from '../machine/steps.ts';
import { downloadModule, goProgram } from './go.ts';
import type { Recipe } from './recipes.ts';

/** Where a binary lies once it is built; the version is in the path, so a new one never meets an old one. */
export function binaryPath(recipe: Recipe, name: string): string {
  return inCache('binaries', `${name}-${recipe.version}`, name);
}

/** Build those of a recipe's binaries that the cache lacks, all in one go as they share most of their packages. */
export async function build(recipe: Recipe, names: readonly string[]): Promise<void> {
  await exclusively(`build-${recipe.module.replaceAll('/', '-')}`, async () => {
    const missing: string[] = [];
    for (const name of names) if (!(await exists(binaryPath(recipe, name)))) missing.push(name);
    if (missing.length === 0) return;
    await step(`building ${missing.join(', ')} ${recipe.version}`, recipe.usual, () => compile(recipe, missing));
  });
}

async function compile(recipe: Recipe, names: readonly string[]): Promise<void> {
  await mkdir(inCache('builds'), { recursive: true });
  const work = await mkdtemp(inCache('builds', 'build-'));
  try {
    if (recipe.source !== undefined) await cp(recipe.source, work, { recursive: true });
    await writeFile(join(work, 'go.mod'), await moduleFile(recipe));
    await mkdir(join(work, 'out'));
    const linker = ['-s', '-w', ...Object.entries(recipe.variables ?? {}).map(([key, value]) => `-X ${key}=${value}`)];
    const packages = names.map((name) => recipe.packages[name]).filter((path) => path !== undefined);
    const isSingle = names.length === 1;
    // with one package the name of the file is given, as "server" or "." would else name it
    const output = isSingle ? join(work, 'out', names[0] ?? '') : `${join(work, 'out')}/`;
    await run(
      await goProgram(),
      ['build', '-mod=mod', '-trimpath', '-buildvcs=false', '-ldflags', linker.join(' '), '-o', output, ...packages],
      { cwd: work, env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '' } },
    );
    for (const name of names) await publish(join(work, 'out', name), binaryPath(recipe, name));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function publish(from: string, to: string): Promise<void> {
  await mkdir(join(to, '..'), { recursive: true });
  await chmod(from, 0o755);
  await rename(from, to);
}

/** A module that requires the recipe's one at its version, and at most that; Go adds the rest by its own rules. */
async function moduleFile(recipe: Recipe): Promise<string> {
  if (recipe.module === 'std') return 'module build\n\ngo 1.24\n';
  const head = `module build\n\ngo 1.24\n\nrequire ${recipe.module} ${recipe.version}\n`;
  return recipe.hasStagingModules === true ? head + (await stagingReplacements(recipe)) : head;
}

/** Lines that put the published staging modules where the module's own go.mod names folders of its repository. */
async function stagingReplacements(recipe: Recipe): Promise<string> {
  const { GoMod: file } = await downloadModule(`${recipe.module}@${recipe.version}`);
  const parsed = JSON.parse(await run(await goProgram(), ['mod', 'edit', '-json', file])) as {
    Replace?: { Old: { Path: string }; New: { Path: string } }[];
  };
  const version = recipe.version.replace(/^v1\./, 'v0.');
  const staged = (parsed.Replace ?? []).filter((entry) => entry.New.Path.startsWith('./staging/'));
  return staged.map(({ Old: { Path: path } }) => `replace ${path} => ${path} ${version}\n`).join('');
}
