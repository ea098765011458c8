import { randomBytes } from 'node:crypto';
import type { Transport } from '../../src/controller/transport.ts';

/** A namespace that no other test has. Nothing ever empties it here, as no controller-manager runs. */
export async function freshNamespace(admin: Transport, prefix: string): Promise<string> {
  const name = `${prefix}-${randomBytes(4).toString('hex')}`;
  await admin.request('POST', '/api/v1/namespaces', {
    body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
  });
  return name;
}
