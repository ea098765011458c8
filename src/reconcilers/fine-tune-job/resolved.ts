import type { FineTuneJobSpec, FineTuneJobStatus } from '../../api/v1alpha1/index.ts';
import { gangOf } from '../shared/gang.ts';
import { parametersOf } from './parameters/resolve.ts';

type Resolved = NonNullable<FineTuneJobStatus['resolved']>;

/** Leaves of a value by their paths, as JSON but for strings, which stand as they are. */
function leaves(value: unknown, path: string): (readonly [path: string, text: string])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [[path, typeof value === 'string' ? value : JSON.stringify(value)]];
  return Object.entries(value).flatMap(([name, member]) => leaves(member, path === '' ? name : `${path}.${name}`));
}

/** One process a device: a gang has several, in one pod or more. */
function devicesOf({ resources }: FineTuneJobSpec): number {
  const { nodes, processes } = gangOf(resources) ?? { nodes: 1, processes: 1 };
  return nodes * processes;
}

/** What a run is started with, as people look it up: each parameter, and how many rows make one step. */
export function resolvedStatus(spec: FineTuneJobSpec): { resolved: Resolved; effectiveBatchSize: number } {
  const parameters = parametersOf(spec);
  const { perDeviceBatchSize, gradientAccumulationSteps } = parameters.training;
  return {
    resolved: Object.fromEntries(leaves(parameters, '')),
    effectiveBatchSize: perDeviceBatchSize * gradientAccumulationSteps * devicesOf(spec),
  };
}
