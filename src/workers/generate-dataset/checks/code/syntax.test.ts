import { expect, test } from 'vitest';
import { fencesOf } from './fences.ts';
import { syntaxError } from './syntax.ts';

test.each([
  ['js', "const a = require('a'); await a();"],
  ['js', 'fastify.get("/", async () => ({ hello: "world" }))\nconst a = 1\nconst a = 2'],
  ['js', '{ port: 3000, host: "::" }'],
  ['js', 'port: 3000,\nhost: "::"'],
  ['jsx', 'export default () => <App port={3000} />'],
  ['ts', 'const a = <string>b; interface C<T> { d: T }'],
  ['typescript', 'public async run(): Promise<void> {}'],
  ['json', '{"a": [1, null]}'],
  ['jsonc', '{"a": 1, // why\n}'],
  ['yaml', 'a: 1\n---\nb: [2]'],
  ['toml', '[a]\nb = 1979-05-27'],
  ['python', '>>> from a import b\n>>> b(1)\n2'],
  ['py', 'async def f(x: int) -> int:\n    return await x'],
  ['python', '    def f():\n        g()\n\n    def g():\n        pass'],
  ['bash', '$ npm install <name> --save\nadded 1 package'],
  ['sh', 'for f in *.md; do echo "$f"; done'],
  ['go', 'x := map[string]int{"a": 1}\nfmt.Println(x)'],
  ['rust', 'let x: Vec<u8> = vec![1, 2];'],
  ['c', '#include <stdio.h>\n\nint main(void) {\n  printf("hi\\n");\n  return 0;\n}'],
  ['c', 'struct a c = { .b = 1 };\nopen_file(&c, "x");'],
  ['c', 'LIST_FOREACH(entry, &head, entries) total += entry->size;'],
  ['cpp', 'template <typename T> T twice(T a) { return a + a; }'],
  ['c++', 'std::vector<int> v{1, 2};\nfor (auto x : v) std::cout << x;'],
  ['cpp', 'public:\n  explicit Server(int port);\n  ~Server();'],
  ['brainfuck', '[['],
])('%s: %j parses', async (language, code) => {
  expect(await syntaxError(language, code)).toBeUndefined();
});

test.each([
  ['js', 'const a = ;'],
  ['ts', 'function f(a: number { }'],
  ['json', '{"a": 1,}'],
  ['json', '"a": {...}'],
  ['yaml', 'a: [1\nb: 2'],
  ['toml', 'a = '],
  ['python', 'def f(:\n  pass'],
  ['bash', 'if true; then'],
  ['go', 'func main( {'],
  ['c', 'int main( {'],
  ['cpp', 'for (int i = 0; i < 3; i++ {\n}'],
  ['cpp', 'int x = ;'],
])('%s: %j does not', async (language, code) => {
  expect(await syntaxError(language, code)).toBeTypeOf('string');
});

test('fences are found with their languages, within lists too, and an open one is seen', () => {
  const text = '1. So:\n\n   ```JS\n   a\n   ```\n\n~~~\n```\n~~~\n';
  expect(fencesOf(text)).toEqual({
    fences: [
      { language: 'js', code: '   a' },
      { language: '', code: '```' },
    ],
    areBalanced: true,
  });
  expect(fencesOf('```js\na').areBalanced).toBe(false);
});
