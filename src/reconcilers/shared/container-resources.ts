import type { RunSettings } from './run-settings.ts';
import type { WorkerRun } from './worker-run.ts';

/** Requests and limits. Memory is limited to what is asked for; a limit on CPU would only slow an idle node down. */
export function containerResources({ resources, requests: least }: WorkerRun, settings: RunSettings) {
  const { gpus, gpuResource = settings.gpuResource, resourceClaims = [] } = resources;
  const memory = resources.memory === undefined ? undefined : String(resources.memory);
  const devices = gpus === 0 ? {} : { [gpuResource]: String(gpus) };
  const limits = { ...(memory === undefined ? {} : { memory }), ...devices };
  const claims = resourceClaims.map(({ name, request }) => ({ name, ...(request === undefined ? {} : { request }) }));
  return {
    requests: { cpu: String(resources.cpu ?? least.cpu), memory: memory ?? least.memory, ...devices },
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
    ...(claims.length === 0 ? {} : { claims }),
  };
}
