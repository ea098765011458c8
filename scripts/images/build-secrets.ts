import { exists } from '../../tests/cluster/machine/paths.ts';

/** Files of this machine that a build step may need to reach a package index; none of them ends in an image. */
const candidates: readonly { id: string; paths: readonly (string | undefined)[] }[] = [
  { id: 'ca-bundle', paths: [process.env['PIP_CERT'], process.env['SSL_CERT_FILE']] },
  { id: 'pip-conf', paths: [process.env['PIP_CONFIG_FILE'], '/etc/pip.conf'] },
];

/** Options that offer this machine's own CA bundle and pip settings to `RUN --mount=type=secret` steps. */
export async function secretOptions(): Promise<string[]> {
  const options: string[] = [];
  for (const { id, paths } of candidates)
    for (const path of paths)
      if (path !== undefined && (await exists(path))) {
        options.push('--secret', `id=${id},src=${path}`);
        break;
      }
  return options;
}
