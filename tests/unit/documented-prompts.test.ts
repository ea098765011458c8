import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { builtInTemplates, placesOf, writableTasks } from '../../src/workers/generate-dataset/prompts/catalog.ts';
import { tablesOf } from './markdown.ts';

const tables = tablesOf(readFileSync(join(import.meta.dirname, '../../docs/writing.md'), 'utf8'));
const rowsUnder = (head: string): string[][] =>
  tables.filter((table) => table[0]?.[0] === head).flatMap((table) => table.slice(1));
const names = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

test('each prompt is documented with its places, and no other', () => {
  const documented = new Map(rowsUnder('prompt').map(([prompt, places]) => [names(prompt)[0], names(places)]));
  const known = [...builtInTemplates].filter(([name]) => !name.startsWith('task-'));
  expect([...documented.keys()].sort()).toEqual([...known.map(([name]) => name), 'task-<type>'].sort());
  for (const [name, text] of known) expect(documented.get(name)).toEqual(placesOf(text));
});

test('each task is documented with where it is asked', () => {
  expect(
    rowsUnder('task')
      .flatMap(([task]) => names(task))
      .sort(),
  ).toEqual([...writableTasks].sort());
});

test('each reason of a check is documented, and each documented one is given', () => {
  const folder = join(import.meta.dirname, '../../src/workers/generate-dataset');
  const files = globSync('{checks,judge,model}/**/*.ts', { cwd: folder }).filter((path) => !path.endsWith('.test.ts'));
  const code = files.map((path) => readFileSync(join(folder, path), 'utf8')).join('\n');
  const documented = rowsUnder('rejected as').flatMap(([reasons]) => names(reasons));
  expect(documented.filter((reason) => !code.includes(`'${reason}'`))).toEqual([]);
  const given = [...code.matchAll(/reason: '([A-Z_]+)'/g)].map(([, reason = '']) => reason);
  expect(given.filter((reason) => !documented.includes(reason))).toEqual([]);
});
