import { expect, test } from 'vitest';
import { hasSyntaxError } from './errors.ts';

test.each([
  ['python', 'def f(a):\n    return a\n', 'def f(a:\n    return a\n'],
  ['bash', 'ls | grep "a" && echo $(pwd)\n', 'if true; then echo 1\n'],
  ['go', 'x := f(1)\n', 'func f( {\n'],
  ['rust', 'fn f() -> u8 { 1 }\n', 'fn f( -> u8 { 1 }\n'],
  ['java', 'class A { void f() {} }\n', 'class A { void f( {} }\n'],
  ['c', 'int f(void) { return 1; }\n', 'int f(void { return 1; }\n'],
  ['c++', 'auto f = [](int a) { return a; };\n', 'auto f = [](int a { return a; };\n'],
  ['csharp', 'class A { int F() => 1; }\n', 'class A { int F( => 1; }\n'],
  ['ruby', 'def f(a) = a\n', 'def f(a\n'],
  ['php', 'function f() { return 1; }\n', 'function f( { return 1; }\n'],
  ['ts', 'const a: number = 1;\n', 'const a: = 1;\n'],
])('%s: errors are told', async (language, good, bad) => {
  expect(await hasSyntaxError(language, good)).toBe(false);
  expect(await hasSyntaxError(language, bad)).toBe(true);
});

test('without a grammar nothing is told', async () => {
  expect(await hasSyntaxError('cobol', 'MOVE')).toBeUndefined();
});
