import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { badSpecs } from './fixtures/index.ts';
import { kinds } from './kinds.ts';
import { DatasetModel, DocSourceModel, problems } from './models.ts';

it('a model renders as the object that the API server takes', () => {
  const source = new DocSourceModel({
    metadata: { name: 'docs' },
    spec: { git: { url: 'https://example.org/d.git' } },
  });
  source.validate();
  expect(JSON.parse(JSON.stringify(source))).toEqual({
    apiVersion: 'doctune.dev/v1alpha1',
    kind: 'DocSource',
    metadata: { name: 'docs' },
    spec: { git: { url: 'https://example.org/d.git' } },
  });
});

it('a model names every wrong field', () => {
  const rows = new DatasetModel({
    metadata: { name: 'rows' },
    spec: { sourceRefs: [], generator: {}, rows: { max: 0 } },
  });
  expect(() => {
    rows.validate();
  }).toThrow(/^Dataset "rows" is invalid: spec\.sourceRefs: .*; spec\.generator: .*; spec\.rows\.max: /);
});

it('every message about a bad spec is a sentence of ours or of zod, without undefined parts', () => {
  for (const { kind, spec } of badSpecs) expect(problems(kind, spec).join()).not.toMatch(/undefined"|NaN|\[object/);
});

it('the example holds one good object of each kind', () => {
  const text = readFileSync(new URL('../../../examples/finetune.yaml', import.meta.url), 'utf8');
  const objects = parseAllDocuments(text).map((document) => document.toJS() as { kind: string; spec: unknown });
  expect(objects.map(({ kind }) => kind)).toEqual(kinds.map(({ kind }) => kind));
  for (const [index, kind] of kinds.entries()) expect(problems(kind, objects[index]?.spec)).toEqual([]);
});
