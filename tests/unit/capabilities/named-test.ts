import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import type { NamedTest } from './table.ts';

const root = join(import.meta.dirname, '../../..');
const dormant = ['skip', 'todo', 'fails', 'skipIf', 'runIf'];

/** The names in `test.each([…])('…')`, outermost first: `test`, `each`. */
function calledNames(node: ts.Expression): string[] {
  if (ts.isIdentifier(node)) return [node.text];
  if (ts.isCallExpression(node) || ts.isTaggedTemplateExpression(node)) {
    return calledNames(ts.isCallExpression(node) ? node.expression : node.tag);
  }
  return ts.isPropertyAccessExpression(node) ? [...calledNames(node.expression), node.name.text] : [];
}

/** The rows of a table of tests that are named by their first string, as in `test.each([['a', 1]])('%s', …)`. */
function rowTitles(call: ts.CallExpression): string[] {
  const each = ts.isCallExpression(call.expression) ? call.expression.arguments[0] : undefined;
  if (each === undefined || !ts.isArrayLiteralExpression(each)) return [];
  return each.elements.flatMap((row) => {
    const first = ts.isArrayLiteralExpression(row) ? row.elements[0] : row;
    return first !== undefined && ts.isStringLiteralLike(first) ? [first.text] : [];
  });
}

/** Titles of the tests of a file that are run; also those in a table of objects with a `title`. */
export function titlesOf(code: string): string[] {
  const titles: string[] = [];
  const inTables: string[] = [];
  const visit = (node: ts.Node): void => {
    const names = ts.isCallExpression(node) ? calledNames(node.expression) : [];
    if (names.some((name) => dormant.includes(name))) return;
    if (ts.isCallExpression(node) && (names[0] === 'it' || names[0] === 'test')) {
      const [title] = node.arguments;
      if (title !== undefined && ts.isStringLiteralLike(title)) {
        titles.push(title.text, ...rowTitles(node).map((row) => title.text.replace('%s', row)));
      }
    }
    if (ts.isPropertyAssignment(node) && ts.isStringLiteralLike(node.initializer)) {
      if (ts.isIdentifier(node.name) && node.name.text === 'title') inTables.push(node.initializer.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('file.ts', code, ts.ScriptTarget.Latest));
  return titles.includes('%s') ? [...titles, ...inTables] : titles;
}

/** Names of the test functions of a Python file that are run. */
export const functionsOf = (code: string): string[] =>
  [...code.matchAll(/^((?:@.*\n(?:[ )\]].*\n)*)*)(?:async )?def (test_\w+)\(/gm)]
    .filter(([, decorators]) => !/@pytest\.mark\.(skip|xfail)/.test(decorators ?? ''))
    .map(([, , name]) => name ?? '');

const known = new Map<string, string[] | undefined>();

function readNames(path: string): string[] | undefined {
  const file = join(root, path);
  if (!existsSync(file)) return undefined;
  const code = readFileSync(file, 'utf8');
  return path.endsWith('.py') ? functionsOf(code) : titlesOf(code);
}

/** What is wrong with a test that a capability names; undefined if it is run. */
export function problemOfTest({ path, name }: NamedTest): string | undefined {
  if (!known.has(path)) known.set(path, readNames(path));
  const names = known.get(path);
  if (names === undefined) return `there is no file "${path}"`;
  return names.includes(name) ? undefined : `"${path}" runs no test "${name}"`;
}
