import { z } from 'zod';
import { exactlyOneOf, withRules } from '../rules.ts';
import { secretKeyRef } from '../references.ts';
import { affinity, topologySpreadConstraint } from '../scheduling.ts';
import { listByKey, mapOf, objectName } from '../scalars.ts';

/** What the operator itself sets; a run must not be able to take another run's place. */
const reservedVariables = ['DOCTUNE_', 'KUBEFLOW_TRAINER_'] as const;
const reservedKeys = [
  'doctune.dev/',
  'app.kubernetes.io/managed-by',
  'batch.kubernetes.io/',
  'kueue.x-k8s.io/',
] as const;
/** an annotation that would take the pod out of the "restricted" standard */
const appArmor = 'container.apparmor.security.beta.kubernetes.io/';

const startsWithOne = (text: string, starts: readonly string[]): boolean =>
  starts.some((start) => text.startsWith(start));

const variable = withRules(
  z.strictObject({
    name: z
      .string()
      .max(128)
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
      .describe('Name of the variable.'),
    value: z.string().max(4096).optional().describe('Its value; nothing secret.'),
    secretKeyRef: secretKeyRef('the value', 'value')
      .optional()
      .describe('A secret value. The operator never reads it.'),
  }),
  exactlyOneOf('runtime.env', 'value', 'secretKeyRef'),
  {
    cel: reservedVariables.map((start) => `!self.name.startsWith('${start}')`).join(' && ') + ` && self.name != 'HOME'`,
    message: 'runtime.env takes no variable that doctune sets itself: "DOCTUNE_", "KUBEFLOW_TRAINER_" and "HOME"',
    holds: ({ name }) => !startsWithOne(name, reservedVariables) && name !== 'HOME',
  },
);

const podMetadata = (field: string, maxValue: number, refused: readonly string[]) =>
  withRules(mapOf(z.string().max(maxValue), 16), {
    cel: `self.all(key, ${refused.map((start) => `!key.startsWith('${start}')`).join(' && ')})`,
    message: `${field} takes no key that starts with ${refused.map((start) => `"${start}"`).join(', ')}`,
    holds: (map) => Object.keys(map).every((key) => !startsWithOne(key, refused)),
  });

const podTemplate = z.strictObject({
  labels: podMetadata('runtime.podTemplate.labels', 63, reservedKeys).optional().describe('More labels of the pod.'),
  annotations: podMetadata('runtime.podTemplate.annotations', 4096, ['doctune.dev/', appArmor])
    .optional()
    .describe('Annotations of the pod.'),
  schedulerName: objectName().optional().describe('Scheduler of the pod; that of the cluster if not given.'),
  priorityClassName: objectName().optional().describe('PriorityClass of the pod.'),
  runtimeClassName: objectName().optional().describe('RuntimeClass of the pod, such as "nvidia".'),
  affinity: affinity.optional().describe('Where the pod wants to be.'),
  topologySpreadConstraints: z
    .array(topologySpreadConstraint)
    .max(8)
    .optional()
    .describe('How the pods of a run are spread.'),
});

export const runtime = z.strictObject({
  image: z
    .string()
    .min(1)
    .max(512)
    .regex(/^[A-Za-z0-9][A-Za-z0-9._:/@-]*$/)
    .optional()
    .describe('Image of the trainer; another one is another run; that of the installation if not given.'),
  env: listByKey(variable, 'name', 0, 32)
    .optional()
    .describe('More variables of the container; a change counts from the next run on.'),
  podTemplate: podTemplate
    .optional()
    .describe('More of the pod; its security is not changed by it, and a change counts from the next run on.'),
});
export type Runtime = z.output<typeof runtime>;
