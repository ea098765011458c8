import { describe, expect, it } from 'vitest';
import { badSpecs, goodSpecs } from './fixtures/index.ts';

/** `spec.rules[0].min`, the way the API server writes a path */
const fieldOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((field, part) => field + (typeof part === 'number' ? `[${part}]` : `.${String(part)}`), 'spec');

describe('the parser accepts', () => {
  it.each(goodSpecs.map((fixture) => [`${fixture.kind.kind}: ${fixture.title}`, fixture] as const))(
    '%s',
    (_, { kind, spec }) => {
      expect(kind.spec.safeParse(spec).error?.issues).toBeUndefined();
    },
  );
});

describe('the parser refuses', () => {
  it.each(badSpecs.map((fixture) => [`${fixture.kind.kind}: ${fixture.title}`, fixture] as const))(
    '%s',
    (_, { kind, spec, field, says = '' }) => {
      const issues = kind.spec.safeParse(spec).error?.issues ?? [];
      const blaming = issues.filter(({ path }) => fieldOf(path) === field);
      expect(blaming.map(({ message }) => message)).toContainEqual(expect.stringContaining(says));
    },
  );

  it('a field that it does not know', () => {
    for (const { kind, spec } of goodSpecs) {
      expect(kind.spec.safeParse({ ...spec, unheardOf: 1 }).error?.issues[0]).toMatchObject({ keys: ['unheardOf'] });
    }
  });
});
