import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { apiVersion, group, kinds, problems } from '../../src/api/v1alpha1/index.ts';
import { codeBlocksOf } from './markdown.ts';

const root = join(import.meta.dirname, '../..');

const keys = ['apiVersion', 'kind', 'metadata', 'spec'];

function problemsOfObject(object: Record<string, unknown>): string[] {
  const kind = kinds.find((one) => one.kind === object.kind);
  if (kind === undefined) return [`kind "${String(object.kind)}" does not exist`];
  const unknown = Object.keys(object).filter((key) => !keys.includes(key));
  const { name } = (object.metadata ?? {}) as { name?: unknown };
  return [
    ...(object.apiVersion === apiVersion ? [] : [`apiVersion "${String(object.apiVersion)}" is not served`]),
    ...unknown.map((key) => `unknown field "${key}"`),
    ...(typeof name === 'string' ? [] : ['metadata.name is missing']),
    ...problems(kind, object.spec),
  ];
}

/** What is wrong with the objects of doctune in a YAML text; objects of other groups are not looked at. */
function problemsOfYaml(text: string): string[] {
  return parseAllDocuments(text, { uniqueKeys: true }).flatMap((document) => {
    const object = document.toJS() as Record<string, unknown> | null;
    const isOurs = String(object?.apiVersion).startsWith(`${group}/`);
    return [
      ...document.errors.map(({ message }) => message),
      ...(object !== null && isOurs ? problemsOfObject(object) : []),
    ];
  });
}

const examples = globSync('examples/**/*.{yaml,yml}', { cwd: root });
const pages = ['README.md', ...globSync('docs/**/*.md', { cwd: root })];
const blocks = pages.flatMap((page) =>
  codeBlocksOf(readFileSync(join(root, page), 'utf8'), 'yaml')
    .filter(({ code }) => code.includes(`apiVersion: ${group}/`))
    .map(({ line, code }) => [`${page}:${line}`, code] as const),
);

describe('the objects in', () => {
  it.each(examples)('%s keep the schema of their kind', (path) => {
    expect(problemsOfYaml(readFileSync(join(root, path), 'utf8'))).toEqual([]);
  });

  it.each(blocks)('%s keep the schema of their kind', (_, code) => {
    expect(problemsOfYaml(code)).toEqual([]);
  });

  it('examples, README and the page of each kind are all looked at', () => {
    expect(examples).toContain('examples/finetune.yaml');
    const places = blocks.map(([place]) => place.replace(/:\d+$/, ''));
    expect(places).toEqual(
      expect.arrayContaining(['README.md', ...kinds.map(({ singular }) => `docs/kinds/${singular}.md`)]),
    );
  });
});

describe('the check finds', () => {
  const good = `apiVersion: ${apiVersion}\nkind: Evaluation\nmetadata: { name: a }\nspec:\n  jobRef: { name: b }\n`;

  it('nothing wrong with a good object', () => {
    expect(problemsOfYaml(good)).toEqual([]);
  });

  it.each([
    ['an unknown field', `${good}  unheardOf: 1\n`, 'unheardOf'],
    ['an unknown field in the depth', `${good}  gate: { rules: [], more: 1 }\n`, 'more'],
    ['a field beside spec', `${good}specs: {}\n`, 'specs'],
    ['an unknown kind', good.replace('Evaluation', 'Trial'), 'Trial'],
    ['another version', good.replace('v1alpha1', 'v1'), 'doctune.dev/v1'],
    ['a missing name', good.replace('name: a', ''), 'metadata.name'],
    ['a key that is there twice', `${good}spec: {}\n`, 'unique'],
    ['a fault in the second object', `${good}---\n${good}  unheardOf: 1\n`, 'unheardOf'],
  ])('%s', (_, text, word) => {
    expect(problemsOfYaml(text).join('\n')).toContain(word);
  });
});
