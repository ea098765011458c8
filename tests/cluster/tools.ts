import { delimiter, join } from 'node:path';
import { binaries } from './binaries.ts';
import { binaryPath } from './binaries/build.ts';
import { recipes } from './binaries/recipes.ts';
import { run } from './machine/command.ts';
import type { CommandOptions } from './machine/command.ts';
import { exists, inCache, stateFolder } from './machine/paths.ts';

type Tool = 'helm' | 'kind' | 'kubectl';

/** The kubeconfig that all tests use: that of a given cluster, else that of the cluster of this checkout. */
export function kubeconfigPath(): string {
  return process.env['DOCTUNE_KUBECONFIG'] ?? join(stateFolder, 'kubeconfig');
}

/** Path of a program: built before, else the machine's own, else built now. */
async function toolPath(name: Tool): Promise<string> {
  const recipe = recipes.find((candidate) => name in candidate.packages);
  if (recipe !== undefined && (await exists(binaryPath(recipe, name)))) return binaryPath(recipe, name);
  for (const folder of (process.env['PATH'] ?? '').split(delimiter))
    if (folder !== '' && (await exists(join(folder, name)))) return join(folder, name);
  return (await binaries([name]))[name];
}

export const kubectlBinary = (): Promise<string> => toolPath('kubectl');
export const helmBinary = (): Promise<string> => toolPath('helm');
export const kindBinary = (): Promise<string> => toolPath('kind');

/** Run kubectl on the test cluster and give its output. Throws `CommandFailed` with what it said. */
export async function kubectl(args: readonly string[], options: CommandOptions = {}): Promise<string> {
  return run(await kubectlBinary(), ['--kubeconfig', kubeconfigPath(), ...args], options);
}

/** Run helm on the test cluster and give its output. It keeps no file in the user's home. */
export async function helm(args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const folders = { HELM_CACHE_HOME: 'cache', HELM_CONFIG_HOME: 'config', HELM_DATA_HOME: 'data' };
  const homes = Object.entries(folders).map(([name, folder]) => [name, inCache('helm', folder)]);
  const env = { ...(options.env ?? process.env), ...(Object.fromEntries(homes) as Record<string, string>) };
  return run(await helmBinary(), ['--kubeconfig', kubeconfigPath(), ...args], { ...options, env });
}

/** Names of the cluster's nodes. */
export async function nodeNames(): Promise<string[]> {
  const names = await kubectl(['get', 'nodes', '--output', 'jsonpath={.items[*].metadata.name}']);
  return names.split(' ').filter((name) => name !== '');
}
