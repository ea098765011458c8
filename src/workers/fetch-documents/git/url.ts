import { WorkerFailure } from '../../shell/failure.ts';

const protocols = ['http:', 'https:', 'ssh:', 'file:'];

/** Check spec.git.url. Throws a `config` failure for other transports and for credentials within the address. */
export function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !protocols.includes(url.protocol)) {
    const message = 'spec.git.url must begin with https://, http://, ssh:// or file://';
    throw new WorkerFailure('config', 'UrlNotSupported', message);
  }
  if (holdsCredentials(url)) {
    const message = 'spec.git.url holds credentials: move them into a Secret and name it in spec.git.secretRef';
    throw new WorkerFailure('config', 'CredentialsInUrl', message);
  }
  return url;
}

/** over ssh the name of the user is no secret */
const holdsCredentials = ({ protocol, username, password }: URL): boolean =>
  password !== '' || (username !== '' && protocol !== 'ssh:');

/** `user@host:path`, as many repositories write the address of a submodule */
const shortForm = /^(\w[\w.-]*@)?(\w[\w.-]*):(?!\/\/|:)([^\\\s]+)$/;

/**
 * The address of a submodule, which the repository's authors wrote: relative to its parent, short or whole. undefined for
 * every transport but http, https and ssh, so that it can neither run a program nor read files of this machine.
 */
export function resolveSubmoduleUrl(text: string, parent: URL): URL | undefined {
  const isRelative = text.startsWith('./') || text.startsWith('../');
  const [, user = '', host, path] = isRelative ? [] : (shortForm.exec(text) ?? []);
  const whole = host === undefined || path === undefined ? text : `ssh://${user}${host}/${path.replace(/^\//, '')}`;
  const base = isRelative ? `${parent.href.replace(/\/$/, '')}/` : undefined;
  const url = URL.canParse(whole, base) ? new URL(whole, base) : undefined;
  if (url === undefined || url.protocol === 'file:' || !protocols.includes(url.protocol)) return undefined;
  return holdsCredentials(url) ? undefined : url;
}

/** Whether credentials for one address may be used for the other. */
export const isSameHost = (a: URL, b: URL): boolean => a.protocol === b.protocol && a.host === b.host;
