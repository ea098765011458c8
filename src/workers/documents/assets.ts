import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Folder of data files that a library ships, with a `/` at its end: beside the bundle, where scripts/build.ts copies
 * them, else in the installed package.
 */
export function assetFolder(packageName: string): string {
  const beside = fileURLToPath(new URL(`./assets/${packageName}/`, import.meta.url));
  if (existsSync(beside)) return beside;
  return `${dirname(createRequire(import.meta.url).resolve(`${packageName}/package.json`))}/`;
}
