import { categories, closingColumns, group, version } from './v1alpha1/kind.ts';
import type { Kind } from './v1alpha1/kind.ts';
import { structuralSchema } from './structural-schema.ts';
import type { JsonSchema } from './structural-schema.ts';

/** Names of runs and labels of their pods are made of the object's name. */
const nameRule = {
  rule: 'size(self.metadata.name) <= 63',
  message: 'metadata.name must have at most 63 characters, since it becomes a label of the runs',
};

const rootSchema = ({ kind, description, spec, status }: Kind): JsonSchema => ({
  type: 'object',
  description,
  required: ['spec'],
  properties: {
    apiVersion: { type: 'string', description: 'Version of the schema that this object is written in.' },
    kind: { type: 'string', description: 'Kind of this object.' },
    metadata: { type: 'object' },
    spec: { ...structuralSchema(spec, `${kind}.spec`), description: 'What is asked for.' },
    status: {
      ...structuralSchema(status, `${kind}.status`),
      description: 'What was found and done; written by the operator.',
    },
  },
  'x-kubernetes-validations': [nameRule],
});

/** The CustomResourceDefinition of a kind. */
export function customResourceDefinition(kind: Kind): JsonSchema {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${kind.plural}.${group}`, labels: { 'app.kubernetes.io/part-of': 'doctune' } },
    spec: {
      group,
      scope: 'Namespaced',
      names: {
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural: kind.plural,
        singular: kind.singular,
        shortNames: [kind.shortName],
        categories: [...categories],
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: [...kind.columns, ...closingColumns],
          schema: { openAPIV3Schema: rootSchema(kind) },
        },
      ],
    },
  };
}
