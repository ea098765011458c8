import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { kinds } from '../../src/api/v1alpha1/index.ts';
import { sharedConditions } from '../../src/api/v1alpha1/conditions.ts';
import { tablesOf } from './markdown.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** The names in the first column of the tables under a heading, such as `Reason`. */
const namesUnder = (markdown: string, head: string): string[] =>
  tablesOf(markdown)
    .filter((table) => table[0]?.[0] === head)
    .flatMap((table) =>
      table.slice(1).flatMap(([cell = '']) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name!)),
    );

const sources = [
  ...globSync('src/**/*.ts', { cwd: root }),
  ...globSync('images/trainer/**/*.py', { cwd: root }),
  'src/contract/exit-codes.json',
];
const code = sources
  .filter((path) => !path.endsWith('.test.ts') && !path.includes('/tests/'))
  .map(read)
  .join('\n');
const isInCode = (reason: string): boolean => new RegExp(`['"]${reason}['"]`).test(code);

const pages = ['README', ...kinds.map(({ singular }) => singular)].map((name) => `docs/kinds/${name}.md`);

it.each(pages)('every reason that %s explains is one that the code gives', (path) => {
  const reasons = namesUnder(read(path), 'Reason');
  expect(reasons.length).toBeGreaterThan(3);
  expect(reasons.filter((reason) => !isInCode(reason))).toEqual([]);
});

it.each(kinds.map((kind) => [kind.kind, kind] as const))(
  'the page of %s has its conditions, all of them',
  (_, kind) => {
    const explained = namesUnder(read(`docs/kinds/${kind.singular}.md`), 'Type');
    expect(explained.toSorted()).toEqual(kind.conditions.map(({ type }) => type).toSorted());
    expect(sharedConditions.every(({ type }) => read('docs/kinds/README.md').includes(`\`${type}\``))).toBe(true);
  },
);

it('a reason that nothing gives is found', () => {
  expect(isInCode('RefNotFound')).toBe(true);
  expect(isInCode('RefNotFoundAnywhere')).toBe(false);
});
