import type { Evaluation } from '../../api/v1alpha1/index.ts';
import type { EvaluateInput } from '../../contract/inputs.ts';
import { baseModelHints, baseModelInput, baseModelMounts, baseModelReach } from '../shared/base-model.ts';
import { resourceHints } from '../shared/placement.ts';
import type { WorkerRun } from '../shared/worker-run.ts';
import type { Hints } from '../shared/pending.ts';
import type { RunSettings } from '../shared/run-settings.ts';
import type { DesiredRun } from '../shared/run.ts';
import type { Subject } from './inputs.ts';

/** a small model on the CPU; what is larger says so in spec.resources */
const least = { cpu: '500m', memory: '2Gi' };

export const hints = ({ spec }: Evaluation, subject: Subject | undefined): Hints => ({
  ...resourceHints(spec.resources),
  deadline: 'lower spec.maxSamples',
  mounts: subject === undefined ? [] : baseModelHints(subject.lineage.baseModel, "the job's spec.baseModel"),
});

export function evaluateInput({ metadata, spec }: Evaluation, run: DesiredRun, subject: Subject): EvaluateInput {
  const { dataset, settings, metrics, maxSamples, batchSize, bootstrapSamples, seed } = spec;
  const { adapter, lineage } = subject;
  return {
    version: 1,
    run: { namespace: metadata.namespace ?? '', name: run.name, id: run.id },
    dataset: { uri: lineage.dataset.uri, digest: lineage.dataset.digest },
    adapter: { uri: adapter.uri, digest: adapter.digest },
    baseModel: baseModelInput(lineage.baseModel),
    splits: dataset.splits,
    settings,
    metrics,
    maxSamples,
    batchSize,
    bootstrapSamples,
    seed,
  };
}

export function evaluatorRun(
  evaluation: Evaluation,
  run: DesiredRun,
  subject: Subject,
  { images }: RunSettings,
): WorkerRun {
  const { resources, backoffLimit } = evaluation.spec;
  return {
    owner: evaluation,
    run,
    image: images.trainer,
    command: ['python', '-m', 'evaluator'],
    input: evaluateInput(evaluation, run, subject),
    mounts: baseModelMounts(subject.lineage.baseModel),
    reach: baseModelReach(subject.lineage.baseModel),
    resources,
    requests: least,
    backoffLimit,
    lineage: subject,
  };
}
