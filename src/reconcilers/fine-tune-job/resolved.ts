import type { FineTuneJobSpec, FineTuneJobStatus } from '../../api/v1alpha1/index.ts';
import { parametersOf } from './parameters/resolve.ts';

type Resolved = NonNullable<FineTuneJobStatus['resolved']>;

/** Leaves of a value by their paths, as JSON but for strings, which stand as they are. */
function leaves(value: unknown, path: string): (readonly [path: string, text: string])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [[path, typeof value === 'string' ? value : JSON.stringify(value)]];
  return Object.entries(value).flatMap(([name, member]) => leaves(member, path === '' ? name : `${path}.${name}`));
}

/** The trainer uses one device, however many GPUs its pod has. */
const devices = 1;

/** What a run is started with, as people look it up: each parameter, and how many rows make one step. */
export function resolvedStatus(spec: FineTuneJobSpec): { resolved: Resolved; effectiveBatchSize: number } {
  const parameters = parametersOf(spec);
  const { perDeviceBatchSize, gradientAccumulationSteps } = parameters.training;
  return {
    resolved: Object.fromEntries(leaves(parameters, '')),
    effectiveBatchSize: perDeviceBatchSize * gradientAccumulationSteps * devices,
  };
}
