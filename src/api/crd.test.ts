import { expect, it } from 'vitest';
import { z } from 'zod';
import { customResourceDefinition } from './crd.ts';
import { structuralSchema } from './structural-schema.ts';
import { kinds } from './v1alpha1/kinds.ts';

interface Node {
  type?: string;
  description?: string;
  enum?: unknown[];
  format?: string;
  properties?: Record<string, Node>;
  items?: Node;
  additionalProperties?: Node;
  [keyword: string]: unknown;
}

function walk(node: Node, path: string, visit: (node: Node, path: string) => void): void {
  visit(node, path);
  for (const [name, member] of Object.entries(node.properties ?? {})) walk(member, `${path}.${name}`, visit);
  if (node.items) walk(node.items, `${path}[]`, visit);
  if (node.additionalProperties) walk(node.additionalProperties, `${path}{}`, visit);
}

const fields = kinds.flatMap((kind) =>
  (['spec', 'status'] as const).flatMap((part) => {
    const found: (readonly [string, Node])[] = [];
    walk(structuralSchema(kind[part], part), `${kind.kind}.${part}`, (node, path) => found.push([path, node]));
    return found;
  }),
);

it('every field teaches what it is for', () => {
  const silent = fields.filter(
    ([path, { description }]) => !/(\]|\}|^\w+\.spec|^\w+\.status)$/.test(path) && !description?.endsWith('.'),
  );
  expect(silent.map(([path]) => path)).toEqual([]);
});

it('every string, list and map is bounded, or rules would be refused for their cost', () => {
  const unbounded = fields.filter(
    ([, node]) =>
      (node.type === 'string' && !('maxLength' in node || node.enum || node.format === 'date-time')) ||
      (node.type === 'array' && !('maxItems' in node)) ||
      (node.additionalProperties !== undefined && !('maxProperties' in node)),
  );
  expect(unbounded.map(([path]) => path)).toEqual([]);
});

it.each(kinds.map((kind) => [kind.kind, kind] as const))(
  '%s has a status of its own and the message as last column',
  (_, kind) => {
    expect(customResourceDefinition(kind)).toMatchObject({
      spec: {
        scope: 'Namespaced',
        names: { categories: ['all', 'finetune'] },
        versions: [
          { subresources: { status: {} }, additionalPrinterColumns: [...kind.columns, {}, {}, { name: 'STATUS' }] },
        ],
      },
    });
  },
);

it.each([
  ['a union', z.union([z.string(), z.int()])],
  ['a tuple', z.tuple([z.string()])],
  ['a pattern that looks ahead', z.string().regex(/^(?!-)x$/)],
])('%s is refused with the path of the field', (_, member) => {
  expect(() => structuralSchema(z.object({ field: member }), 'spec')).toThrow(/^spec\.field/);
});
