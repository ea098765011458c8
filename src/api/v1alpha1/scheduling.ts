import { z } from 'zod';
import { mapOf } from './scalars.ts';

/** The parts of core/v1 by which a pod says where it wants to be; names and meanings are those of Kubernetes. */

const key = () => z.string().min(1).max(317);
const value = () => z.string().max(63);
const weight = () => z.int().min(1).max(100).describe('Weight among the preferences.');

const expression = <Operators extends readonly [string, ...string[]]>(operators: Operators) =>
  z.strictObject({
    key: key().describe('Key of the label.'),
    operator: z.enum(operators).describe('How the values count.'),
    values: z.array(value()).max(32).optional().describe('Values of the label.'),
  });

const nodeTerm = z.strictObject({
  matchExpressions: z
    .array(expression(['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt']))
    .min(1)
    .max(16)
    .describe('Labels of the node; all must fit.'),
});

const labelSelector = z.strictObject({
  matchLabels: mapOf(value(), 16).optional().describe('Labels of the pods.'),
  matchExpressions: z
    .array(expression(['In', 'NotIn', 'Exists', 'DoesNotExist']))
    .max(16)
    .optional()
    .describe('Labels of the pods; all must fit.'),
});

const podTerm = z.strictObject({
  labelSelector: labelSelector.describe('Which pods are meant.'),
  topologyKey: key().describe('Label of the nodes that count as one place.'),
});

const nodeAffinity = z.strictObject({
  requiredDuringSchedulingIgnoredDuringExecution: z
    .strictObject({ nodeSelectorTerms: z.array(nodeTerm).min(1).max(8).describe('One of them must fit.') })
    .optional()
    .describe('What a node must have.'),
  preferredDuringSchedulingIgnoredDuringExecution: z
    .array(z.strictObject({ weight: weight(), preference: nodeTerm.describe('What is preferred.') }))
    .max(8)
    .optional()
    .describe('What a node had better have.'),
});

const podAffinity = z.strictObject({
  requiredDuringSchedulingIgnoredDuringExecution: z
    .array(podTerm)
    .max(8)
    .optional()
    .describe('What must hold where the pod goes.'),
  preferredDuringSchedulingIgnoredDuringExecution: z
    .array(z.strictObject({ weight: weight(), podAffinityTerm: podTerm.describe('What is preferred.') }))
    .max(8)
    .optional()
    .describe('What had better hold there.'),
});

export const affinity = z.strictObject({
  nodeAffinity: nodeAffinity.optional().describe('By the labels of nodes.'),
  podAffinity: podAffinity.optional().describe('Near other pods.'),
  podAntiAffinity: podAffinity.optional().describe('Away from other pods.'),
});
export type Affinity = z.output<typeof affinity>;

export const topologySpreadConstraint = z.strictObject({
  maxSkew: z.int().min(1).max(100).describe('By how many pods two places may differ.'),
  topologyKey: key().describe('Label of the nodes that count as one place.'),
  whenUnsatisfiable: z.enum(['DoNotSchedule', 'ScheduleAnyway']).describe('What to do where it cannot be kept.'),
  labelSelector: labelSelector.optional().describe('Which pods count.'),
});
