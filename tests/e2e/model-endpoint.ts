import { join } from 'node:path';
import type { Fault } from '../model-endpoint/index.ts';
import { startProgram } from './program.ts';

const entry = join(import.meta.dirname, '../model-endpoint/index.ts');
const firstPort = 8000;

/** One scripted model endpoint for each fault, in a pod of the namespace; gives the base URL of each. */
export async function startEndpoints<F extends Fault>(
  namespace: string,
  image: string,
  faults: readonly F[],
  env: Readonly<Record<string, string>> = {},
): Promise<Record<F, string>> {
  const containers = faults.map((fault, index) => ({
    name: fault,
    port: firstPort + index,
    env: { FAULT: fault, ...env },
  }));
  await startProgram({ namespace, image, name: 'model-endpoint', entry, containers });
  const urls = faults.map((fault, index) => [fault, `http://model-endpoint:${firstPort + index}/v1`]);
  return Object.fromEntries(urls) as Record<F, string>;
}
