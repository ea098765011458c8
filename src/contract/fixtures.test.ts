import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import fixtures from './fixtures.json' with { type: 'json' };
import { evaluateInputSchema, tagInputSchema, trainInputSchema } from './inputs.ts';
import { progressSchema } from './progress.ts';
import { failureSchema, resultSchemas } from './result.ts';
import { rowSchema } from './rows.ts';

const schemas: Readonly<Record<keyof typeof fixtures, z.ZodType>> = {
  'train-input': trainInputSchema,
  'evaluate-input': evaluateInputSchema,
  'train-result': resultSchemas.train,
  'evaluate-result': resultSchemas.evaluate,
  'tag-input': tagInputSchema,
  'tag-result': resultSchemas.tag,
  failure: failureSchema,
  row: rowSchema,
  progress: progressSchema,
};

/** The value with one member, however deep, set to another. */
function changed(value: unknown, path: readonly (string | number)[], to: unknown): unknown {
  const copy = structuredClone(value) as Record<string | number, unknown>;
  const last = path.at(-1) ?? '';
  const parent = path.slice(0, -1).reduce((node, part) => node[part] as typeof copy, copy);
  parent[last] = to;
  return copy;
}

// the Python workers read the same fixtures: images/trainer/tests/worker/test_contract.py
describe.each(Object.entries(fixtures))('the contract of "%s"', (name, { good, bad }) => {
  const schema = schemas[name as keyof typeof fixtures];

  it('accepts what the other side sends', () => {
    expect(schema.safeParse(good).error).toBeUndefined();
  });

  it.each(bad.map((one) => [one.title, one] as const))('refuses %s', (_, { set, to }) => {
    expect(schema.safeParse(changed(good, set, to)).success).toBe(false);
  });
});
