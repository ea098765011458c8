import { inject } from 'vitest';
import { kubectlBinary } from '../cluster/index.ts';
import { run } from '../cluster/machine/command.ts';

/** Run kubectl as the administrator of the test run's API server. */
export async function kubectlAsAdmin(args: readonly string[], input?: string): Promise<string> {
  const { kubeconfig, adminToken } = inject('apiServer');
  return run(await kubectlBinary(), ['--kubeconfig', kubeconfig, '--token', adminToken, ...args], { input });
}
