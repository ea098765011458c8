/** What a run must reach beside DNS and the progress server: addresses that its spec names. */
export type Reach = readonly string[];

/** Where a bucket without an endpoint, and the weights of the hub, are reached; what counts is the port. */
export const publicBuckets = 'https://s3.amazonaws.com';
export const modelHub = 'https://cdn-lfs.huggingface.co';

export interface Destination {
  port: number;
  /** namespaces in which the host may be a Service; '' is that of the run */
  namespaces: readonly string[];
}

const portOf: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443, 'ssh:': 22, 'git:': 9418 };

/** `name`, `name.namespace` and `name.namespace.svc…` are how Services are called; `name.namespace` may be a domain as well. */
function namespacesOf(host: string): string[] {
  const [, namespace, svc, ...rest] = host.split('.');
  if (namespace === undefined) return host.includes(':') ? [] : [''];
  if (/^[0-9.]+$/.test(host)) return [];
  return svc === undefined || (svc === 'svc' && rest.length !== 1) ? [namespace] : [];
}

/** Where an address leads; undefined for one that is none, which the worker itself refuses with a better message. */
export function destinationOf(address: string): Destination | undefined {
  // `git@host:path` is how git writes ssh
  const url = URL.parse(address) ?? URL.parse(address.replace(/^([^@/]+@)?([^:/]+):(?!\/\/).*$/, 'ssh://$2/'));
  if (url === null) return undefined;
  const port = url.port === '' ? portOf[url.protocol] : Number(url.port);
  return port === undefined ? undefined : { port, namespaces: namespacesOf(url.hostname) };
}
