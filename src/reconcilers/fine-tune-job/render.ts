import type { FineTuneJob, Lineage } from '../../api/v1alpha1/index.ts';
import type { TrainInput } from '../../contract/inputs.ts';
import { baseModelHints, baseModelInput, baseModelMounts, baseModelReach } from '../shared/base-model.ts';
import { gangOf } from '../shared/gang.ts';
import { resourceHints } from '../shared/placement.ts';
import { mountedOnce } from '../shared/references.ts';
import type { WorkerRun } from '../shared/worker-run.ts';
import type { Hints } from '../shared/pending.ts';
import type { RunSettings } from '../shared/run-settings.ts';
import type { DesiredRun } from '../shared/run.ts';
import { graceSeconds } from './checkpoint.ts';
import { ociHints, ociInput, ociMounts, ociReach } from './oci.ts';
import { parametersOf } from './parameters/resolve.ts';

/** a small model on the CPU; what is larger says so in spec.resources */
const least = { cpu: '500m', memory: '2Gi' };

export const hints = ({ spec }: FineTuneJob): Hints => ({
  ...resourceHints(spec.resources),
  deadline: 'raise spec.activeDeadlineSeconds, or ask for less in spec.training',
  mounts: [...baseModelHints(spec.baseModel, 'spec.baseModel'), ...ociHints(spec)],
});

export function trainInput({ metadata, spec }: FineTuneJob, run: DesiredRun, lineage: Lineage): TrainInput {
  const { uri, digest } = lineage.dataset;
  const { initAdapter } = lineage;
  return {
    version: 1,
    run: { namespace: metadata.namespace ?? '', name: run.name, id: run.id },
    dataset: { uri, digest },
    initAdapter: initAdapter === undefined ? null : { uri: initAdapter.uri, digest: initAdapter.digest },
    baseModel: baseModelInput(spec.baseModel),
    acceptLicense: spec.baseModel.acceptLicense ?? false,
    oci: ociInput(spec),
    ...parametersOf(spec),
  };
}

/** Another hub, as its clients know it. */
const hubMirror = ({ spec: { baseModel, runtime } }: FineTuneJob): string[] =>
  baseModel.huggingFace === undefined
    ? []
    : (runtime?.env ?? []).flatMap(({ name, value }) => (name === 'HF_ENDPOINT' && value ? [value] : []));

export function trainerRun(job: FineTuneJob, run: DesiredRun, lineage: Lineage, { images }: RunSettings): WorkerRun {
  const { baseModel, resources, backoffLimit, activeDeadlineSeconds, managedBy, runtime } = job.spec;
  return {
    owner: job,
    run,
    image: runtime?.image ?? images.trainer,
    command: ['python', '-m', 'trainer'],
    input: trainInput(job, run, lineage),
    mounts: mountedOnce([...baseModelMounts(baseModel), ...ociMounts(job.spec)]),
    reach: [...baseModelReach(baseModel), ...hubMirror(job), ...ociReach(job.spec)],
    resources,
    gang: gangOf(resources),
    requests: least,
    backoffLimit,
    activeDeadlineSeconds,
    graceSeconds: graceSeconds(job),
    managedBy,
    runtime,
    lineage,
  };
}
