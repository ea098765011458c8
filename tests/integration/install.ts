import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { createTransport } from '../../src/controller/transport.ts';
import type { Transport } from '../../src/controller/transport.ts';
import type { ApiServer } from './api-server.ts';

const root = join(import.meta.dirname, '..', '..');
const crdPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const rbacPath = '/apis/rbac.authorization.k8s.io/v1';
export const operatorNamespace = 'doctune-system';

/** A transport with one of the tokens. */
export const transportFor = (server: ApiServer, token: string, url = server.url): Transport =>
  createTransport({ server: url, tls: { ca: server.ca }, authorization: () => Promise.resolve(`Bearer ${token}`) });

export const adminTransport = (server: ApiServer): Transport => transportFor(server, server.adminToken);

const applyOptions = (body: unknown) => ({
  body,
  query: { fieldManager: 'test', force: true },
  contentType: 'application/apply-patch+yaml',
});

interface Definition {
  metadata: { name: string };
  status?: { conditions?: { type: string; status: string }[] };
}

const isEstablished = ({ status }: Definition): boolean =>
  (status?.conditions ?? []).some((condition) => condition.type === 'Established' && condition.status === 'True');

async function untilEstablished(transport: Transport, name: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (isEstablished((await transport.request('GET', `${crdPath}/${name}`)) as Definition)) return;
    await sleep(50);
  }
  throw new Error(`"${name}" is not established after ten seconds`);
}

async function installDefinitions(transport: Transport): Promise<void> {
  const folder = join(root, 'crds');
  const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml'));
  const definitions = await Promise.all(
    files.map(async (file) => parse(await readFile(join(folder, file), 'utf8')) as Definition),
  );
  for (const definition of definitions)
    await transport.request('PATCH', `${crdPath}/${definition.metadata.name}`, applyOptions(definition));
  await Promise.all(definitions.map(({ metadata }) => untilEstablished(transport, metadata.name)));
}

/** The rules of the chart, so that a missing permission is found here. */
async function installRole(transport: Transport): Promise<void> {
  const text = await readFile(join(root, 'charts/doctune/files/cluster-role-rules.yaml'), 'utf8');
  const { rules } = parse(text) as { rules: unknown };
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const metadata = { name: 'doctune-operator' };
  const subjects = [{ kind: 'User', name: 'operator', apiGroup: 'rbac.authorization.k8s.io' }];
  const reference = (kind: string) => ({ kind, name: metadata.name, apiGroup: 'rbac.authorization.k8s.io' });
  const local = { ...metadata, namespace: operatorNamespace };
  const localRules = [
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'update'] },
    { apiGroups: [''], resources: ['secrets'], verbs: ['create'] },
    { apiGroups: [''], resources: ['secrets'], resourceNames: ['doctune-progress-tls'], verbs: ['get', 'update'] },
  ];
  const objects: [string, unknown][] = [
    [
      '/api/v1/namespaces/doctune-system',
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: operatorNamespace } },
    ],
    [`${rbacPath}/clusterroles/doctune-operator`, { apiVersion, kind: 'ClusterRole', metadata, rules }],
    [
      `${rbacPath}/clusterrolebindings/doctune-operator`,
      { apiVersion, kind: 'ClusterRoleBinding', metadata, subjects, roleRef: reference('ClusterRole') },
    ],
    [
      `${rbacPath}/namespaces/${operatorNamespace}/roles/doctune-operator`,
      { apiVersion, kind: 'Role', metadata: local, rules: localRules },
    ],
    [
      `${rbacPath}/namespaces/${operatorNamespace}/rolebindings/doctune-operator`,
      { apiVersion, kind: 'RoleBinding', metadata: local, subjects, roleRef: reference('Role') },
    ],
  ];
  for (const [path, body] of objects) await transport.request('PATCH', path, applyOptions(body));
}

/** CRDs and the operator's permissions, as an installation has them. */
export async function installKinds(server: ApiServer): Promise<void> {
  const transport = adminTransport(server);
  try {
    await installDefinitions(transport);
    await installRole(transport);
  } finally {
    await transport.close();
  }
}
