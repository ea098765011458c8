import { builtinModules, isBuiltin } from 'node:module';
import { pythonModules, pythonNames } from './python.ts';

/** Names that a browser, TypeScript and the usual test programs bring beside what Node has. */
const wellKnown = `
  any unknown never void string number boolean object symbol bigint undefined null true false this super arguments
  Record Partial Required Readonly Pick Omit Exclude Extract NonNullable Parameters ReturnType InstanceType Awaited
  ConstructorParameters ThisType Uppercase Lowercase Capitalize Uncapitalize keyof typeof infer satisfies readonly as is
  PromiseLike ArrayLike Iterable AsyncIterable Iterator AsyncIterator Generator AsyncGenerator NodeJS ReadableStream
  window document navigator location history localStorage sessionStorage querySelector querySelectorAll getElementById
  createElement appendChild addEventListener removeEventListener innerHTML textContent classList dataset style value
  HTMLElement HTMLInputElement Element Node Event MouseEvent KeyboardEvent preventDefault stopPropagation target
  describe it test expect before after beforeEach afterEach beforeAll afterAll assert toBe toEqual require module exports
  __dirname __filename React useState useEffect Component props state render main index app server client example foo
  bar baz qux npm npx node yarn pnpm pip python curl git docker kubectl sudo cd ls echo export http https localhost
  PORT HOST NODE_ENV HOME PATH USER toStringTag substr GET POST PUT PATCH DELETE HEAD OPTIONS TRACE async await const let var function class return import from default
  if else for while switch case try catch finally throw new delete yield static extends implements interface type enum
  public private protected abstract declare namespace int float double char bool long short struct string_view std vec
  println print printf main fmt Println Sprintf Errorf Error nil err String Vec Option Some None Ok Result unwrap
`;

let cached: ReadonlySet<string> | undefined;

/** Names that a language brings itself: those of JavaScript are asked of the runtime, so that the list is its own. */
export const isBuiltInName = (name: string): boolean => {
  cached ??= new Set([...wellKnown.trim().split(/\s+/), ...runtimeNames()]);
  return cached.has(name) || pythonNames.has(name);
};

/** Whether a module comes with the language. */
export const isBuiltInModule = (name: string): boolean =>
  isBuiltin(name) || pythonModules.has(name.split('.')[0] ?? '') || name.startsWith('.') || name.startsWith('/');

/** modules whose loading does something, or says that they are deprecated */
const unloaded = new Set(['sys', 'punycode', 'inspector', 'wasi', 'repl', 'trace_events', 'cluster', 'domain']);

function runtimeNames(): Set<string> {
  const names = new Set<string>(builtinModules);
  collect(globalThis, names, 3);
  for (const module of builtinModules) {
    if (module.startsWith('_') || module.includes('/') || unloaded.has(module)) continue;
    collect(process.getBuiltinModule(module), names, 3);
  }
  return names;
}

/** The names of the members, of the members of classes among them, and of what instances of those have. */
function collect(value: unknown, names: Set<string>, depth: number): void {
  if (depth === 0 || value === null || (typeof value !== 'object' && typeof value !== 'function')) return;
  for (const [name, { value: member }] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
    names.add(name);
    // classes among the members, and what their instances have
    if (typeof member === 'function' ? /^[A-Z]/.test(name) : name === 'prototype') collect(member, names, depth - 1);
  }
}
