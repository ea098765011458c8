import { randomBytes } from 'node:crypto';
import type { Transport } from '../../src/controller/transport.ts';

/** A namespace that no other test has. Nothing ever empties it here, as no controller-manager runs. */
export async function freshNamespace(admin: Transport, prefix: string): Promise<string> {
  const name = `${prefix}-${randomBytes(4).toString('hex')}`;
  await admin.request('POST', '/api/v1/namespaces', {
    body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
  });
  // what the controller-manager does, which pods wait for
  await admin.request('POST', `/api/v1/namespaces/${name}/serviceaccounts`, {
    body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } },
  });
  return name;
}
