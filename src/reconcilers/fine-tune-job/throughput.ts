import type { FineTuneJob } from '../../api/v1alpha1/index.ts';
import type { PlannedCondition } from '../../controller/plan.ts';
import { yes } from '../shared/waiting.ts';

/** steps after which a rate is one: the first ones warm up */
const leastSteps = 10;

/** That a run trains fewer tokens a second than its spec wants, by its figures so far or at its end. */
export function slow({ spec, status }: FineTuneJob): PlannedCondition[] {
  const { minThroughput } = spec.watchdog ?? {};
  const { step = 0, tokensPerSecond, gpuUtilization, paddingShare } = status?.training ?? {};
  if (minThroughput === undefined || tokensPerSecond === undefined || step < leastSteps) return [];
  if (Number(tokensPerSecond) >= minThroughput) return [];
  const message =
    `${tokensPerSecond} tokens a second are trained, spec.watchdog.minThroughput wants ${minThroughput}: ` +
    adviceFor(Number(gpuUtilization ?? Number.NaN), Number(paddingShare ?? 0));
  return [yes('GPUUnderused', 'ThroughputLow', message)];
}

/** NaN where there is no GPU, or none that tells how busy it is. */
function adviceFor(gpuUtilization: number, paddingShare: number): string {
  if (paddingShare > 0.2) {
    return `${Math.round(paddingShare * 100)} % of what is computed is padding: set training.packing`;
  }
  if (gpuUtilization < 0.8) {
    return 'the GPU idles: raise training.perDeviceBatchSize, or resources.cpu if rows come too slowly';
  }
  return 'choose a faster GPU, fewer layers in lora.targetModules, or switch training.gradientCheckpointing off';
}
