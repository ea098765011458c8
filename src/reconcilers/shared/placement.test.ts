import { describe, expect, it } from 'vitest';
import { aFineTuneJob } from '../../../tests/builders/objects.ts';
import { placementOf } from './placement.ts';

const placed = (spec: Record<string, unknown>) => {
  const { resources, runtime } = aFineTuneJob(spec).spec;
  return placementOf({ resources, runtime });
};
const required = (terms: unknown[]) => ({
  nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } },
});
const memory = (above: string) => ({ key: 'nvidia.com/gpu.memory', operator: 'Gt', values: [above] });
const zone = (value: string) => ({ key: 'zone', operator: 'In', values: [value] });

describe('where a pod goes', () => {
  it('is anywhere where nothing is asked for', () => {
    expect(placed({})).toEqual({});
  });

  it('is where the GPUs have at least the memory that is asked for, in MiB and rounded up', () => {
    const of = (gpuMemory: string | number) => placed({ resources: { gpus: 1, gpuMemory } }).affinity;
    expect(of('23Gi')).toEqual(required([{ matchExpressions: [memory('23551')] }]));
    expect(of('24G')).toEqual(required([{ matchExpressions: [memory('22888')] }]));
  });

  it('is where memory and affinity of the spec both fit: one of several terms would be enough', () => {
    const affinity = {
      ...required([{ matchExpressions: [zone('a')] }, { matchExpressions: [zone('b')] }]),
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: {}, topologyKey: 'kubernetes.io/hostname' }],
      },
    };
    expect(
      placed({ resources: { gpus: 1, gpuMemory: '1Gi' }, runtime: { podTemplate: { affinity } } }).affinity,
    ).toEqual({
      ...affinity,
      ...required([
        { matchExpressions: [zone('a'), memory('1023')] },
        { matchExpressions: [zone('b'), memory('1023')] },
      ]),
    });
  });

  it('is by the scheduler, the priority and the runtime that are named', () => {
    const podTemplate = { schedulerName: 'volcano', priorityClassName: 'low', runtimeClassName: 'nvidia' };
    expect(placed({ runtime: { podTemplate } })).toEqual(podTemplate);
  });

  it('is where its claims of devices are', () => {
    const resourceClaims = [
      { name: 'gpu', resourceClaimTemplateName: 'one-gpu', request: 'a' },
      { name: 'shared', resourceClaimName: 'pool' },
    ];
    expect(placed({ resources: { resourceClaims } })).toEqual({
      resourceClaims: [
        { name: 'gpu', resourceClaimTemplateName: 'one-gpu' },
        { name: 'shared', resourceClaimName: 'pool' },
      ],
    });
  });
});
