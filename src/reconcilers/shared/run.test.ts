import { expect, it } from 'vitest';
import { aDataset } from '../../../tests/builders/objects.ts';
import { dataset } from '../../api/v1alpha1/index.ts';
import type { DatasetSpec } from '../../api/v1alpha1/index.ts';
import { canonicalJson, hashOf } from './hash.ts';
import { nonDefaults } from './non-defaults.ts';
import { desiredRun } from './run.ts';

it('equal values have one text, whatever the order of their members', () => {
  expect(canonicalJson({ b: [1, { d: 1, c: undefined }], a: null })).toBe('{"a":null,"b":[1,{"d":1}]}');
  expect(hashOf({ a: 1, b: 2 })).toBe(hashOf({ b: 2, a: 1 }));
});

it('what equals its default is not part of the inputs, so a field that a newer version adds changes no hash', () => {
  const asked = nonDefaults<DatasetSpec>(dataset.spec);
  const { chunking, rows, split } = aDataset({ rows: { max: 7 } }).spec;
  expect(asked({ chunking, rows, split })).toEqual({ rows: { max: 7 } });
});

it.each(['quickstart', 'a'.repeat(63), `${'a'.repeat(44)}-${'b'.repeat(18)}`, 'release-2.1.x'])(
  'the run of "%s" has a name that fits a label, and with an index a host name',
  (name) => {
    const run = desiredRun(aDataset({}, name), 'generate', hashOf(name));
    expect(run.name).toMatch(/^[a-z0-9]([-a-z0-9]{0,58}[a-z0-9])?$/);
    expect(run.name).toContain(`-generate-${run.id.slice(0, 8)}`);
  },
);
