import { silentLog } from '../../src/controller/log.ts';
import { operatorKinds } from '../../src/operator-kinds.ts';
import { startOperator } from '../../src/operator.ts';
import type { Operator } from '../../src/operator.ts';
import { readSettings } from '../../src/settings.ts';
import type { ApiServer } from './api-server.ts';
import { operatorNamespace } from './install.ts';
import { until } from './until.ts';

/** The operator as `main` composes it, on free ports, with its own permissions only. */
export async function runningOperator(
  server: ApiServer,
  namespace: string,
  flags: Record<string, string> = {},
): Promise<Operator> {
  const settings = readSettings(
    {
      kubeconfig: server.kubeconfig,
      namespace: operatorNamespace,
      'watch-namespaces': namespace,
      'lease-name': `lease-${namespace}`,
      'metrics-port': '0',
      'health-port': '0',
      'progress-port': '0',
      'progress-url': 'https://127.0.0.1:8443',
      'operator-image': 'doctune/operator:test',
      'trainer-image': 'doctune/trainer:test',
      ...flags,
    },
    {},
  );
  const operator = await startOperator({ settings, log: silentLog, createKinds: operatorKinds(settings) });
  await until('a ready leader', () => operator.isReady() && operator.isLeader());
  return operator;
}
