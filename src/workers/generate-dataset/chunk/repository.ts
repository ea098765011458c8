export interface Repository {
  kind: 'github' | 'gitlab' | 'gitea' | 'bitbucket';
  /** https address of its page, without credentials */
  address: string;
}

/** Which kind of forge serves a repository, told by its host: the address of another kind of host gives no links. */
export function parseRepository(url: string): Repository | undefined {
  const found = parseAddress(url);
  if (found === undefined) return undefined;
  const kind = kindOf(found.host);
  const path = found.path.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '');
  if (kind === undefined || path.split('/').length < 2) return undefined;
  return { kind, address: `https://${found.host}${found.port}/${path}` };
}

function parseAddress(url: string): { host: string; port: string; path: string } | undefined {
  // the short form of ssh: git@host:owner/name.git
  const short = /^(?:[\w.-]+@)?([\w.-]+\.[\w-]+):(?!\/\/)(.+)$/.exec(url);
  if (short?.[1] !== undefined && short[2] !== undefined) return { host: short[1], port: '', path: short[2] };
  if (!URL.canParse(url)) return undefined;
  const { protocol, hostname, port, pathname } = new URL(url);
  if (!['https:', 'http:', 'ssh:'].includes(protocol)) return undefined;
  // a port of ssh is not the port of the pages
  return { host: hostname, port: protocol === 'ssh:' || port === '' ? '' : `:${port}`, path: pathname };
}

const hosts: [RegExp, Repository['kind']][] = [
  [/(?:^|\.)github\./, 'github'],
  [/(?:^|\.)gitlab\./, 'gitlab'],
  [/(?:^|\.)(?:gitea|forgejo)\.|^codeberg\.org$/, 'gitea'],
  [/^bitbucket\.org$/, 'bitbucket'],
];

const kindOf = (host: string): Repository['kind'] | undefined =>
  hosts.find(([pattern]) => pattern.test(host.toLowerCase()))?.[1];
