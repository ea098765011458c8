/** A real OCI registry for tests: the CNCF's "distribution", with a password, at an address of this machine. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../builders/free-port.ts';
import { binaries } from '../cluster/binaries.ts';

export interface RegistryServer {
  /** address and port */
  host: string;
  /** A docker configuration with its credentials. */
  dockerConfig: string;
  /** Digest of the manifest that a tag of a repository names. */
  digestOf(repository: string, tag: string): Promise<string | undefined>;
  close(): Promise<void>;
}

const startMs = 20_000;
// of "secret", by bcrypt
const login = 'pusher:$2b$04$LAtPZdbEVbgwQbFOXba7Ne/04P7QBdyNK/L/jRExVYV.Iv9TCpGwK';
const auth = Buffer.from('pusher:secret').toString('base64');
const accept = 'application/vnd.oci.image.manifest.v1+json';

/** At this address of the machine, such as one that pods reach. */
export async function startRegistry(address: string): Promise<RegistryServer> {
  const { registry } = await binaries(['registry']);
  const root = await mkdtemp(join(tmpdir(), 'registry-'));
  const host = `${address}:${await freePort(address)}`;
  await writeFile(join(root, 'logins'), login);
  const configuration = {
    version: 0.1,
    log: { level: 'warn' },
    storage: { filesystem: { rootdirectory: join(root, 'blobs') } },
    http: { addr: host },
    auth: { htpasswd: { realm: 'doctune', path: join(root, 'logins') } },
  };
  // JSON is YAML
  await writeFile(join(root, 'config.yml'), JSON.stringify(configuration));
  const log = await open(join(root, 'log'), 'a');
  const child = spawn(registry, ['serve', join(root, 'config.yml')], {
    stdio: ['ignore', log.fd, log.fd],
    env: { ...process.env, OTEL_TRACES_EXPORTER: 'none' },
  });
  const ask = (path: string, method = 'GET'): Promise<Response> =>
    fetch(`http://${host}/v2/${path}`, { method, headers: { accept, authorization: `Basic ${auth}` } });
  const deadline = Date.now() + startMs;
  while (
    !(await ask('').then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(`the registry did not start: ${await readFile(join(root, 'log'), 'utf8')}`);
    await sleep(50);
  }
  return {
    host,
    dockerConfig: JSON.stringify({ auths: { [host]: { auth } } }),
    async digestOf(repository, tag) {
      const answer = await ask(`${repository}/manifests/${tag}`, 'HEAD');
      return answer.headers.get('docker-content-digest') ?? undefined;
    },
    async close() {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
      await log.close();
      await rm(root, { recursive: true });
    },
  };
}
