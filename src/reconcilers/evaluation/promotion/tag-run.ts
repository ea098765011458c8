import type { Evaluation } from '../../../api/v1alpha1/index.ts';
import type { TagInput } from '../../../contract/inputs.ts';
import { secretFile } from '../../shared/mounted.ts';
import type { Hints } from '../../shared/pending.ts';
import { runName } from '../../shared/run.ts';
import type { DesiredRun } from '../../shared/run.ts';
import type { RunSettings } from '../../shared/run-settings.ts';
import type { WorkerRun } from '../../shared/worker-run.ts';
import type { Target } from './tag-target.ts';

/** a client of registries, and nothing large in memory */
const least = { cpu: '100m', memory: '128Mi' };
const backoffLimit = 3;

const secretField = ({ spec }: Evaluation): string =>
  spec.promotion?.oci?.secretRef === undefined
    ? `spec.output.oci.secretRef of finetunejob "${spec.jobRef.name}"`
    : 'spec.promotion.oci.secretRef';

export const tagHints = (evaluation: Evaluation, { secretRef }: Target): Hints => ({
  resources: undefined,
  // it sets no limit itself
  memory: `let a LimitRange of the namespace give pods at least ${least.memory}`,
  deadline: 'look whether the registry answers',
  mounts:
    secretRef === undefined
      ? []
      : [`secret "${secretRef.name}" with the key "${secretRef.key}" (${secretField(evaluation)})`],
});

/** The Job of one try. It is no run of the Evaluation: neither its record nor its annotations for requests count. */
export function tagJob(evaluation: Evaluation, inputsHash: string): DesiredRun {
  const id = inputsHash.slice(0, 16);
  const name = runName(evaluation, 'tag', id);
  const generation = evaluation.metadata.generation ?? 0;
  return { name, id, stage: 'tag', inputsHash, generation, requestedAt: undefined };
}

function tagInput({ metadata }: Evaluation, run: DesiredRun, target: Target): TagInput {
  const { repository, digest, tag, secretRef, insecure } = target;
  return {
    version: 1,
    run: { namespace: metadata.namespace ?? '', name: run.name, id: run.id },
    repository,
    digest,
    tag,
    configFile: secretRef === undefined ? null : secretFile(secretRef.name, secretRef.key),
    insecure,
  };
}

export function tagRun(evaluation: Evaluation, run: DesiredRun, target: Target, { images }: RunSettings): WorkerRun {
  const { nodeSelector, tolerations } = evaluation.spec.resources;
  const { repository, secretRef, insecure } = target;
  return {
    owner: evaluation,
    run,
    errand: 'tag',
    image: images.trainer,
    command: ['python', '-m', 'promoter'],
    input: tagInput(evaluation, run, target),
    mounts: secretRef === undefined ? [] : [{ secret: secretRef.name, keys: [secretRef.key] }],
    reach: [`${insecure ? 'http' : 'https'}://${repository.split('/', 1)[0] ?? ''}`],
    // where the evaluator may run, its image is there already
    resources: { gpus: 0, nodeSelector, tolerations },
    requests: least,
    backoffLimit,
  };
}
