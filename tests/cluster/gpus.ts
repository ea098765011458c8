import { kubectl, nodeNames } from './tools.ts';
import { until } from './machine/steps.ts';

/** GPUs that each node claims to have. A pod that asks for one is scheduled, and finds no device. */
export const fakeGpus = 4;

/** The kubelet makes the second from the first, but only at its next report, which can be ten seconds away. */
const patch = ['capacity', 'allocatable'].map((field) => ({
  op: 'add',
  path: `/status/${field}/nvidia.com~1gpu`,
  value: String(fakeGpus),
}));

async function allocatable(node: string): Promise<string> {
  return kubectl(['get', 'node', node, '--output', 'jsonpath={.status.allocatable.nvidia\\.com/gpu}']);
}

/** Add the fake GPUs to every node and wait until the scheduler can hand them out. */
export async function addFakeGpus(): Promise<void> {
  for (const node of await nodeNames()) {
    if ((await allocatable(node)) === String(fakeGpus)) continue;
    await kubectl(['patch', 'node', node, '--subresource=status', '--type=json', '--patch', JSON.stringify(patch)]);
    const isThere = async (): Promise<true | undefined> =>
      (await allocatable(node)) === String(fakeGpus) ? true : undefined;
    await until(`the GPUs of node "${node}"`, 60_000, isThere);
  }
}
