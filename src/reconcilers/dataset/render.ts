import type { ComputeResources, Dataset } from '../../api/v1alpha1/index.ts';
import type { Hints } from '../shared/pending.ts';
import type { DesiredRun } from '../shared/run.ts';
import type { RunSettings } from '../shared/run-settings.ts';
import type { WorkerRun } from '../shared/worker-run.ts';
import { generateInput } from './input.ts';
import type { SourceArtifact } from './inputs.ts';
import { endpointsOf, mountHints, mountsOf } from './mounts.ts';

/**
 * Young objects are collected sooner, and the heap grows by a fifth before it is looked through instead of doubling: half
 * the memory of a large run.
 */
export const generatorFlags = ['--max-semi-space-size=8', '--heap-growing-percent=20'] as const;

const resources: ComputeResources = { gpus: 0 };
const least = { cpu: '100m', memory: '256Mi' };
/** failed pods after which a run has failed; the worker itself retries single requests */
const backoffLimit = 4;

export const hints = ({ spec }: Dataset): Hints => ({
  resources: undefined,
  deadline: 'ask for fewer rows',
  mounts: mountHints(spec),
});

export function generatorRun(
  dataset: Dataset,
  run: DesiredRun,
  sources: readonly SourceArtifact[],
  { images }: RunSettings,
): WorkerRun {
  return {
    owner: dataset,
    run,
    image: images.operator,
    command: ['node', ...generatorFlags, '/opt/doctune/workers/generate-dataset.mjs'],
    input: generateInput(dataset, run, sources),
    mounts: mountsOf(dataset.spec),
    reach: endpointsOf(dataset.spec).flatMap(({ endpoint: { baseURL, proxy } }) => [proxy ?? baseURL]),
    resources,
    requests: least,
    backoffLimit,
    lineage: sources.map(({ name, artifact: { digest } }) => ({ name, digest })),
  };
}
