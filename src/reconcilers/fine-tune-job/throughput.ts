import type { FineTuneJob } from '../../api/v1alpha1/index.ts';
import type { PlannedCondition } from '../../controller/plan.ts';
import { yes } from '../shared/waiting.ts';
import { parametersOf } from './parameters/resolve.ts';

/** steps after which a rate is one: the first ones warm up */
const leastSteps = 10;

/** That a run trains fewer tokens a second than its spec wants, by its figures so far or at its end. */
function slow({ spec, status }: FineTuneJob): PlannedCondition[] {
  const { minThroughput } = spec.watchdog ?? {};
  const { step = 0, tokensPerSecond, gpuUtilization, paddingShare } = status?.training ?? {};
  if (minThroughput === undefined || tokensPerSecond === undefined || step < leastSteps) return [];
  if (Number(tokensPerSecond) >= minThroughput) return [];
  const message =
    `${tokensPerSecond} tokens a second are trained, spec.watchdog.minThroughput wants ${minThroughput}: ` +
    adviceFor(spec, status?.method?.chosen, Number(gpuUtilization ?? Number.NaN), Number(paddingShare ?? 0));
  return [yes('GPUUnderused', 'ThroughputLow', message)];
}

/** What is told of a run, and what its speed says: each condition once, in the trainer's words where it has some. */
export const withSpeed = (job: FineTuneJob, told: readonly PlannedCondition[]): PlannedCondition[] => [
  ...told,
  ...slow(job).filter(({ type }) => told.every((one) => one.type !== type)),
];

/** `gpuUtilization` is NaN where there is no GPU, or none that tells how busy it is; `chosen` undefined where "Auto" has not been heard of. */
function adviceFor(
  spec: FineTuneJob['spec'],
  chosen: string | undefined,
  gpuUtilization: number,
  paddingShare: number,
): string {
  const { method: asked, training } = parametersOf(spec);
  const method = asked === 'Auto' ? chosen : asked;
  if (paddingShare > 0.2) {
    const padded = `${Math.round(paddingShare * 100)} % of what is computed is padding: `;
    // prompt tuning takes no packed rows, and neither do some base models
    const isPackable = !training.packing && method !== 'PromptTuning';
    if (isPackable) return `${padded}set training.packing`;
    if (training.perDeviceBatchSize > 1) return `${padded}lower training.perDeviceBatchSize`;
  }
  if (gpuUtilization < 0.8) {
    return 'the GPU idles: raise training.perDeviceBatchSize, or resources.cpu if rows come too slowly';
  }
  return [
    hasGpu(spec) ? 'choose a faster GPU' : 'raise resources.cpu, or set resources.gpus',
    ...(withTargets.has(method) ? ['name fewer layers in lora.targetModules'] : []),
    // where it is left open, a run does not fit without
    ...(training.gradientCheckpointing === true ? ['switch training.gradientCheckpointing off'] : []),
  ].join(', or ');
}

const withTargets: ReadonlySet<string | undefined> = new Set(['LoRA', 'QLoRA', 'DoRA', 'AdaLoRA', 'IA3']);

const hasGpu = ({ resources }: FineTuneJob['spec']): boolean =>
  resources.gpus > 0 || resources.resourceClaims !== undefined;
