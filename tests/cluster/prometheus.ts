import { delimiter, join } from 'node:path';
import { unpackedPackages } from './machine/debian.ts';
import { exists } from './machine/paths.ts';

/** Path of a program of Prometheus: from the search path, else from Debian's package, which is not installed. */
async function program(name: 'prometheus' | 'promtool'): Promise<string> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter))
    if (folder !== '' && (await exists(join(folder, name)))) return join(folder, name);
  return join(await unpackedPackages(['prometheus']), 'usr/bin', name);
}

/** The Prometheus server, without its web pages' assets. Fetched in 20 s the first time. */
export const prometheusBinary = (): Promise<string> => program('prometheus');

/** Checks and unit-tests rule files. */
export const promtoolBinary = (): Promise<string> => program('promtool');
