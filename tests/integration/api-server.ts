import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestProject } from 'vitest/node';
import { stringify } from 'yaml';
import { createTransport } from '../../src/controller/transport.ts';
import { createCertificates } from '../../src/progress/certificate.ts';
import { binaries } from '../cluster/binaries.ts';
import { installKinds } from './install.ts';

/** What a test needs to talk to the API server that the whole run shares. */
export interface ApiServer {
  url: string;
  ca: string;
  /** may do everything */
  adminToken: string;
  /** the user "operator", with the operator's own role and no more */
  operatorToken: string;
  /** may do nothing */
  strangerToken: string;
  kubeconfig: string;
  /** one JSON line for each write */
  auditLog: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    apiServer: ApiServer;
  }
}

const startMs = 60_000;

/** Ends the program when this process ends, however it ends: then the pipe closes that `cat` reads. */
const guardScript = 'exec 3<&0; "$@" 3<&- </dev/null & child=$!; { cat <&3 >/dev/null; kill -9 $child; } & wait $child';

function start(folder: string, name: string, path: string, args: readonly string[]): ChildProcess {
  const log = openSync(join(folder, `${name}.log`), 'a');
  return spawn('sh', ['-c', guardScript, 'sh', path, ...args], { stdio: ['pipe', log, log] });
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

const auditPolicy = stringify({
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [
    { level: 'None', verbs: ['get', 'list', 'watch'] },
    { level: 'Metadata', users: ['operator'] },
    { level: 'None' },
  ],
});

async function writeFiles(folder: string) {
  const certificates = await createCertificates(['127.0.0.1', 'localhost'], new Date());
  const tokens = { admin: randomBytes(16).toString('hex'), operator: randomBytes(16).toString('hex') };
  const strangerToken = randomBytes(16).toString('hex');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const files = {
    'accounts.key': privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
    'ca.crt': certificates.ca,
    'tls.crt': certificates.certificate,
    'tls.key': certificates.key,
    'audit.yaml': auditPolicy,
    'tokens.csv': [
      `${tokens.admin},admin,admin,"system:masters"`,
      `${tokens.operator},operator,operator,`,
      `${strangerToken},stranger,stranger,`,
    ].join('\n'),
  };
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text, { mode: 0o600 })));
  return { ca: certificates.ca, adminToken: tokens.admin, operatorToken: tokens.operator, strangerToken };
}

function apiServerArguments(folder: string, etcdPort: number, port: number): string[] {
  const file = (name: string) => join(folder, name);
  return [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    `--tls-cert-file=${file('tls.crt')}`,
    `--tls-private-key-file=${file('tls.key')}`,
    `--token-auth-file=${file('tokens.csv')}`,
    '--authorization-mode=RBAC',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${file('accounts.key')}`,
    `--service-account-signing-key-file=${file('accounts.key')}`,
    '--service-cluster-ip-range=10.0.0.0/24',
    `--audit-policy-file=${file('audit.yaml')}`,
    `--audit-log-path=${file('audit.log')}`,
  ];
}

function kubeconfigOf(url: string, ca: string, token: string): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [
      { name: 'test', cluster: { server: url, 'certificate-authority-data': Buffer.from(ca).toString('base64') } },
    ],
    users: [{ name: 'test', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
  });
}

async function untilReady(
  server: Pick<ApiServer, 'url' | 'ca' | 'adminToken'>,
  running: readonly ChildProcess[],
  folder: string,
): Promise<void> {
  const transport = createTransport({
    server: server.url,
    tls: { ca: server.ca },
    authorization: () => Promise.resolve(`Bearer ${server.adminToken}`),
  });
  const deadline = Date.now() + startMs;
  try {
    for (;;) {
      try {
        await transport.request('GET', '/api/v1/namespaces/default');
        return;
      } catch (error) {
        if (Date.now() > deadline || running.some(({ exitCode }) => exitCode !== null))
          throw new Error(await readFile(join(folder, 'kube-apiserver.log'), 'utf8'), { cause: error });
        await sleep(100);
      }
    }
  } finally {
    await transport.close();
  }
}

const ended = (process: ChildProcess): Promise<unknown> =>
  new Promise((resolve) => {
    process.once('exit', resolve);
    process.stdin?.end();
  });

/** vitest's global set-up: etcd and kube-apiserver for all files of the run, in memory where the machine has /dev/shm. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const paths = await binaries(['etcd', 'kube-apiserver']);
  const folder = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'doctune-integration-'));
  const running: ChildProcess[] = [];
  const teardown = async (): Promise<void> => {
    await Promise.all(running.map(ended));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const [etcdPort = 0, peerPort = 0, port = 0] = await freePorts(3);
    const client = `http://127.0.0.1:${etcdPort}`;
    const peer = `http://127.0.0.1:${peerPort}`;
    running.push(
      start(folder, 'etcd', paths.etcd, [
        `--data-dir=${join(folder, 'etcd')}`,
        `--listen-client-urls=${client}`,
        `--advertise-client-urls=${client}`,
        `--listen-peer-urls=${peer}`,
        `--initial-advertise-peer-urls=${peer}`,
        `--initial-cluster=default=${peer}`,
        '--unsafe-no-fsync',
      ]),
    );
    const files = await writeFiles(folder);
    const url = `https://127.0.0.1:${port}`;
    running.push(start(folder, 'kube-apiserver', paths['kube-apiserver'], apiServerArguments(folder, etcdPort, port)));
    const kubeconfig = join(folder, 'kubeconfig');
    await writeFile(kubeconfig, kubeconfigOf(url, files.ca, files.operatorToken));
    const server: ApiServer = { url, ...files, kubeconfig, auditLog: join(folder, 'audit.log') };
    await untilReady(server, running, folder);
    await installKinds(server);
    project.provide('apiServer', server);
  } catch (error) {
    await teardown();
    throw error;
  }
  return teardown;
}
