import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { structuralSchema } from '../../../src/api/structural-schema.ts';
import { sharedConditions } from '../../../src/api/v1alpha1/conditions.ts';
import { kinds } from '../../../src/api/v1alpha1/index.ts';

const root = join(import.meta.dirname, '../../..');

interface Node {
  properties?: Record<string, Node>;
  items?: Node;
}

function isInSchema(node: Node | undefined, path: readonly string[]): boolean {
  const [name, ...rest] = path;
  if (name === undefined) return node !== undefined;
  const [, field = name, list] = /^(\w+)(\[\])?$/.exec(name) ?? [];
  const member = node?.properties?.[field];
  return isInSchema(list === undefined ? member : member?.items, rest);
}

const schemas = new Map<unknown, Node>();

function isInKind(field: string): boolean {
  const [name, part, ...path] = field.split('.');
  const kind = kinds.find((one) => one.kind === name);
  if (kind === undefined || (part !== 'spec' && part !== 'status')) return false;
  const [, condition] = /^conditions\[(\w+)\]$/.exec(path[0] ?? '') ?? [];
  if (condition === undefined) {
    const schema = schemas.get(kind[part]) ?? structuralSchema(kind[part], part);
    // one is made in tens of milliseconds, and asked for by hundreds of fields
    schemas.set(kind[part], schema);
    return isInSchema(schema, path);
  }
  return part === 'status' && [...sharedConditions, ...kind.conditions].some(({ type }) => type === condition);
}

const readText = (path: string): string => readFileSync(join(root, path), 'utf8');

function isScript(name: string): boolean {
  const { scripts } = JSON.parse(readText('package.json')) as { scripts: Record<string, string> };
  return scripts[name] !== undefined;
}

function isChartValue(path: string): boolean {
  const values = parse(readText('charts/doctune/values.yaml')) as unknown;
  const found = path
    .split('.')
    .reduce<unknown>((value, name) => (value as Record<string, unknown> | null | undefined)?.[name], values);
  return found !== undefined;
}

/**
 * What is wrong with the place where a capability is reached; undefined if it exists. A place is a field of a kind
 * (`Kind.spec.list[].field`), a condition (`Kind.status.conditions[Type]`), a script (`npm run name`) or a value of the
 * chart (`chart path.of.value`).
 */
export function problemOfField(field: string): string | undefined {
  const [, tool, name] = /^(npm run|chart) (\S+)$/.exec(field) ?? [];
  if (tool === 'npm run') return isScript(name ?? '') ? undefined : `package.json has no script "${name ?? ''}"`;
  if (tool === 'chart') return isChartValue(name ?? '') ? undefined : `the chart has no value "${name ?? ''}"`;
  return isInKind(field) ? undefined : `no schema has "${field}"`;
}
