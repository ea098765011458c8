import exitCodes from '../../src/contract/exit-codes.json' with { type: 'json' };
import { structuralSchema } from '../../src/api/structural-schema.ts';
import type { JsonSchema } from '../../src/api/structural-schema.ts';
import { sharedConditions } from '../../src/api/v1alpha1/conditions.ts';
import { apiVersion } from '../../src/api/v1alpha1/kind.ts';
import type { Kind } from '../../src/api/v1alpha1/kind.ts';
import { kinds } from '../../src/api/v1alpha1/kinds.ts';
import type { GeneratedFile } from './file.ts';

interface Node extends JsonSchema {
  type?: string;
  description?: string;
  enum?: readonly string[];
  default?: unknown;
  minimum?: number;
  maximum?: number;
  required?: readonly string[];
  properties?: Record<string, Node>;
  items?: Node;
  additionalProperties?: Node;
}

const comment = '<!-- generated from src/api by npm run generate -->';
// a bar would end the cell
const cell = (text: string): string => text.replaceAll('|', '\\|');
const row = (...cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
const table = (heads: readonly string[], rows: readonly string[]): string =>
  [row(...heads), row(...heads.map(() => '---')), ...rows].join('\n');

function typeOf(node: Node): string {
  if (node.enum) return node.enum.map((value) => `\`${value}\``).join(', ');
  if (node['x-kubernetes-int-or-string'] === true) return 'quantity';
  if (node.items) return `list of ${typeOf(node.items)}`;
  if (node.additionalProperties) return `map of ${typeOf(node.additionalProperties)}`;
  if (node.type !== 'integer') return node.type ?? '';
  const bounds = [node.minimum, node.maximum].map((bound) => (bound === undefined ? '' : String(bound)));
  return bounds.join('') === '' ? 'integer' : `integer ${bounds.join('..')}`;
}

function defaultOf(node: Node, isRequired: boolean): string {
  if (isRequired) return '*required*';
  if (node.default === undefined || node.properties) return '';
  return `\`${JSON.stringify(node.default)}\``;
}

function fieldRows(node: Node, path: string): string[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, member]) => {
    const field = `${path}.${name}`;
    const isRequired = node.required?.includes(name) ?? false;
    const nested = member.items ?? member;
    return [
      row(`\`${field}\``, typeOf(member), defaultOf(member, isRequired), member.description ?? ''),
      ...fieldRows(nested, member.items ? `${field}[]` : field),
    ];
  });
}

function page(kind: Kind): string {
  const { description, shortName, conditions, columns } = kind;
  const heads = ['Field', 'Type', 'Default', 'Meaning'];
  return [
    comment,
    `# ${kind.kind}`,
    `${description} API version \`${apiVersion}\`, short name \`${shortName}\`.`,
    '## Spec',
    table(heads, fieldRows(structuralSchema(kind.spec, 'spec'), 'spec')),
    '## Conditions',
    table(
      ['Type', 'Meaning'],
      [...sharedConditions, ...conditions].map(({ type, meaning }) => row(`\`${type}\``, meaning)),
    ),
    '## Columns',
    table(
      ['Column', 'Meaning'],
      columns.map(({ name, description: meaning }) => row(name, meaning)),
    ),
    '## Status',
    table(heads, fieldRows(structuralSchema(kind.status, 'status'), 'status')),
    '',
  ].join('\n\n');
}

const exitCodePage = (): string =>
  [
    comment,
    '# Exit codes of the workers',
    'A terminal code fails the Job at once; the others count against `backoffLimit`, except 40 to 42, which are ignored. A worker says more\nprecisely what went wrong; one that left no word has the reason of its code.',
    table(
      ['Code', 'Name', 'Terminal', 'Reason', 'Meaning'],
      Object.entries(exitCodes).map(([name, { code, isTerminal, reason, meaning }]) =>
        row(String(code), `\`${name}\``, isTerminal ? 'yes' : 'no', `\`${reason}\``, meaning),
      ),
    ),
    '',
  ].join('\n\n');

/** One page of tables a kind, and one of the exit codes. */
export function referenceFiles(): GeneratedFile[] {
  const pages = kinds.map((kind) => ({ path: `docs/reference/${kind.singular}.md`, content: page(kind) }));
  return [...pages, { path: 'docs/reference/exit-codes.md', content: exitCodePage() }].map((file) => ({
    ...file,
    content: `${file.content.trimEnd()}\n`,
  }));
}
