import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
// parts of the client, since importing it whole costs 91 MB
import { newClusters, newContexts, newUsers } from '@kubernetes/client-node/dist/config_types.js';
import type { Cluster, User } from '@kubernetes/client-node/dist/config_types.js';
import { ExecAuth } from '@kubernetes/client-node/dist/exec_auth.js';
import { parse } from 'yaml';

export interface TlsOptions {
  ca?: string;
  cert?: string;
  key?: string;
  servername?: string;
  rejectUnauthorized?: boolean;
}

/** An API server and the right to talk to it. */
export interface Endpoint {
  /** origin, for instance `https://10.96.0.1:443` */
  server: string;
  tls: TlsOptions;
  /** value of the header `authorization`; undefined when the client certificate is enough */
  authorization(): Promise<string | undefined>;
  /** namespace of this process or of the context */
  namespace?: string;
}

const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount';
/** kubelet replaces a token at 80 % of its life of an hour or more */
const tokenReloadMs = 60_000;

/** A token in a file that is replaced while the process runs. */
export function tokenFile(path: string, now: () => number = Date.now): () => Promise<string> {
  let token = '';
  let readAt = -Infinity;
  return async () => {
    if (now() - readAt >= tokenReloadMs) {
      token = (await readFile(path, 'utf8')).trim();
      readAt = now();
    }
    return `Bearer ${token}`;
  };
}

async function inCluster(host: string, port: string): Promise<Endpoint> {
  const bracketed = host.includes(':') ? `[${host}]` : host;
  return {
    server: `https://${bracketed}:${port}`,
    tls: { ca: await readFile(join(serviceAccount, 'ca.crt'), 'utf8') },
    authorization: tokenFile(join(serviceAccount, 'token')),
    namespace: (await readFile(join(serviceAccount, 'namespace'), 'utf8')).trim(),
  };
}

const decoded = (data: string | undefined): string | undefined =>
  data ? Buffer.from(data, 'base64').toString('utf8') : undefined;

async function dataOrFile(data: string | undefined, file: string | undefined, folder: string) {
  return decoded(data) ?? (file ? await readFile(resolve(folder, file), 'utf8') : undefined);
}

async function tlsOf(cluster: Cluster, user: User | undefined, folder: string): Promise<TlsOptions> {
  const ca = await dataOrFile(cluster.caData, cluster.caFile, folder);
  const cert = await dataOrFile(user?.certData, user?.certFile, folder);
  const key = await dataOrFile(user?.keyData, user?.keyFile, folder);
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(cluster.tlsServerName ? { servername: cluster.tlsServerName } : {}),
    rejectUnauthorized: !cluster.skipTLSVerify,
  };
}

function authorizationOf(user: User | undefined): Endpoint['authorization'] {
  if (user?.token) {
    const value = `Bearer ${user.token.trim()}`;
    return () => Promise.resolve(value);
  }
  if (!user?.exec) return () => Promise.resolve(undefined);
  const exec = new ExecAuth();
  return async () => {
    const options: { headers: Record<string, string> } = { headers: {} };
    await exec.applyAuthentication(user, options);
    return options.headers.Authorization;
  };
}

/** Read the current context of a kubeconfig file. */
export async function fromKubeconfig(path: string): Promise<Endpoint> {
  const config = parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  const context = newContexts(config.contexts).find(({ name }) => name === config['current-context']);
  const cluster = newClusters(config.clusters).find(({ name }) => name === context?.cluster);
  const user = newUsers(config.users).find(({ name }) => name === context?.user);
  if (cluster === undefined) throw new Error(`kubeconfig "${path}" has no current context with a cluster`);
  return {
    server: new URL(cluster.server).origin,
    tls: await tlsOf(cluster, user, dirname(path)),
    authorization: authorizationOf(user),
    ...(context?.namespace ? { namespace: context.namespace } : {}),
  };
}

/** The API server of the given kubeconfig, else of $KUBECONFIG, else of this pod, else of ~/.kube/config. */
export function findEndpoint(kubeconfig: string | undefined, env: NodeJS.ProcessEnv): Promise<Endpoint> {
  const given = kubeconfig ?? env.KUBECONFIG?.split(delimiter)[0];
  if (given) return fromKubeconfig(given);
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  if (host && port) return inCluster(host, port);
  return fromKubeconfig(join(homedir(), '.kube', 'config'));
}
