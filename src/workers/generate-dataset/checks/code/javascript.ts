import { parse, type ParserOptions } from '@babel/parser';

const lenient = {
  allowReturnOutsideFunction: true,
  allowAwaitOutsideFunction: true,
  allowImportExportEverywhere: true,
  allowNewTargetOutsideFunction: true,
  allowSuperOutsideMethod: true,
  allowUndeclaredExports: true,
  errorRecovery: true,
} as const satisfies ParserOptions;

/** an example often shows a thing twice, in two ways */
const forgiven = new Set(['VarRedeclaration', 'DuplicateExport', 'DuplicateConstructor', 'StrictWith']);

/** how examples are written: whole, as casts in angle brackets, as a part of an object, as members of a class */
const readings: { wrap: (code: string) => string; options: ParserOptions }[] = [
  { wrap: (code) => code, options: { sourceType: 'module', plugins: ['typescript', 'jsx', 'decorators'] } },
  { wrap: (code) => code, options: { sourceType: 'module', plugins: ['typescript', 'decorators'] } },
  { wrap: (code) => code, options: { sourceType: 'script', plugins: ['jsx'] } },
  { wrap: (code) => `(${code.replace(/[;,]\s*$/, '')}\n)`, options: { plugins: ['typescript'] } },
  { wrap: (code) => `({${code}\n})`, options: { plugins: ['typescript'] } },
  { wrap: (code) => `class Example {${code}\n}`, options: { plugins: ['typescript', 'decorators'] } },
];

/** The syntax tree of JavaScript, JSX or TypeScript, or the first error of it. */
export function parseJavaScript(code: string): { tree: unknown } | { error: string } {
  let error = '';
  for (const { wrap, options } of readings) {
    try {
      const tree = parse(wrap(code), { ...lenient, ...options });
      const wrong = (tree.errors ?? []).find(({ reasonCode }) => !forgiven.has(reasonCode));
      if (wrong === undefined) return { tree: tree.program };
      error ||= `${wrong.code}: ${wrong.reasonCode}`;
    } catch (thrown) {
      error ||= thrown instanceof Error ? thrown.message : String(thrown);
    }
  }
  return { error };
}
