import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { problemOfField } from './capabilities/field.ts';
import { functionsOf, problemOfTest, titlesOf } from './capabilities/named-test.ts';
import { readCapabilities, states } from './capabilities/table.ts';
import type { Capability } from './capabilities/table.ts';

const capabilities = readCapabilities(readFileSync(join(import.meta.dirname, '../../docs/capabilities.md'), 'utf8'));

const numbers = Array.from({ length: 90 }, (_, index) => `C${String(index + 1).padStart(2, '0')}`);

/** What is wrong with the state of a row, given what it names. */
function problemOfState({ fields, tests, state }: Pick<Capability, 'fields' | 'tests' | 'state'>): string | undefined {
  const [word = '', ...rest] = state.split(': ');
  if (!states.some((one) => one === word)) return `unknown state "${word}"`;
  if (word === 'partly' && rest.join('').trim() === '') return 'partly without what is missing';
  if (word !== 'partly' && rest.length > 0) return `"${word}" with a remark`;
  if (word === 'planned') return fields.length + tests.length === 0 ? undefined : 'planned, yet it names something';
  if (fields.length === 0) return `${word} without a field`;
  return word === 'works' && tests.length === 0 ? 'works without a test' : undefined;
}

const found = (check: (row: Capability) => (string | undefined)[]): string[] =>
  capabilities.flatMap((row) =>
    check(row).flatMap((problem) => (problem === undefined ? [] : [`${row.id}: ${problem}`])),
  );

describe('the table of capabilities', () => {
  it('has every number once, in order', () => {
    expect(capabilities.map(({ id }) => id)).toEqual(numbers);
  });

  it('names fields that a schema has, scripts and values of the chart that exist', () => {
    expect(found(({ fields }) => fields.map(problemOfField))).toEqual([]);
  });

  it('names tests that are run', () => {
    expect(found(({ tests }) => tests.map(problemOfTest))).toEqual([]);
  });

  it('says works only of what has a field and a test, and names nothing for what is planned', () => {
    expect(found((row) => [problemOfState(row)])).toEqual([]);
  });
});

describe('its checks find', () => {
  it.each([
    ['a field that no schema has', 'FineTuneJob.spec.lora.ranks'],
    ['a list that is none', 'FineTuneJob.spec.lora[].rank'],
    ['a field of another part', 'FineTuneJob.status.lora.rank'],
    ['a kind that there is not', 'FinetuneJob.spec.lora.rank'],
    ['a condition that there is not', 'Dataset.status.conditions[OutOfMemory]'],
    ['a condition in a spec', 'Dataset.spec.conditions[Generated]'],
    ['a script that there is not', 'npm run demonstrate'],
  ])('%s', (_, field) => {
    expect(problemOfField(field)).toContain(field.replace('npm run ', ''));
  });

  it('no fault in what exists', () => {
    const good = [
      'FineTuneJob.spec.lora.rank',
      'Evaluation.spec.settings[].name',
      'Dataset.status.conditions[Generated]',
    ];
    expect([...good, 'npm run demo'].map(problemOfField)).toEqual(good.map(() => undefined).concat(undefined));
  });

  it.each([
    ['a file that there is not', { path: 'src/none.test.ts', name: 'works' }],
    ['a title that there is not', { path: 'tests/unit/capabilities.test.ts', name: 'has every number once' }],
    ['a describe block that is named as a test', { path: 'tests/unit/capabilities.test.ts', name: 'its checks find' }],
    ['a function that there is not', { path: 'images/trainer/tests/worker/test_store.py', name: 'test_nothing' }],
  ])('%s', (_, test) => {
    expect(problemOfTest(test)).toContain(test.path);
  });

  it('tests in all forms, but none that is skipped', () => {
    const code = `it('a', f); test.each([['x']])('b %s', f); it.skip('c', f); describe.skip('d', () => { it('e', f); }); it.todo('g');`;
    expect(titlesOf(code)).toEqual(['a', 'b %s', 'b x']);
    const table = `const rows = [{ title: 'r' }];`;
    expect(titlesOf(`${table} it.each(rows)('%s', f);`)).toEqual(['%s', 'r']);
    expect(titlesOf(`${table} it('a', f);`)).toEqual(['a']);
    const python = `def test_a():\n    pass\n\n@pytest.mark.skip\ndef test_b():\n    pass\n\n@pytest.mark.parametrize(\n    "x",\n    [1],\n)\ndef test_c(x):\n    pass\n`;
    expect(functionsOf(python)).toEqual(['test_a', 'test_c']);
  });

  it.each([
    ['works', ['f'], []],
    ['works', [], [{ path: 'p', name: 'n' }]],
    ['works: nearly', ['f'], [{ path: 'p', name: 'n' }]],
    ['partly', ['f'], []],
    ['planned', ['f'], []],
    ['done', ['f'], [{ path: 'p', name: 'n' }]],
  ])('a state "%s" that does not fit', (state, fields, tests) => {
    expect(problemOfState({ state, fields, tests })).toBeDefined();
  });

  it('a row in another form', () => {
    const head = '| ID | Capability | Field | Test | State |\n|---|---|---|---|---|\n';
    expect(() => readCapabilities(`${head}| C01 | x | DocSource.spec | - | works |\n`)).toThrow('between backticks');
    expect(() => readCapabilities(`${head}| C01 | x | - | \`a.test.ts: b\` | works |\n`)).toThrow(
      'file.test.ts › title',
    );
  });
});
