import { parse as parseToml } from 'smol-toml';
import { parseAllDocuments } from 'yaml';
import { grammarOf } from '../../parse/syntax/languages.ts';
import { withTree, type Node } from '../../parse/syntax/tree.ts';
import { parseJavaScript } from './javascript.ts';

type Parse = (code: string) => string | undefined;

const javascript: Parse = (code) => {
  const parsed = parseJavaScript(code);
  return 'error' in parsed ? parsed.error : undefined;
};

const thrownBy =
  (parse: (code: string) => unknown): Parse =>
  (code) => {
    try {
      parse(code);
      return undefined;
    } catch (error) {
      return error instanceof Error ? (error.message.split('\n')[0] ?? 'wrong') : String(error);
    }
  };

const json = thrownBy(JSON.parse);
// comments and trailing commas are what jsonc and json5 are there for: both are expressions of JavaScript
const looseJson: Parse = (code) => javascript(`(${code}\n)`);
const yaml: Parse = (code) => {
  const documents = parseAllDocuments(code, { logLevel: 'silent' });
  const error = 'empty' in documents ? undefined : documents.flatMap(({ errors }) => errors)[0];
  return error?.message.split('\n')[0];
};
const toml = thrownBy(parseToml);

const parsers: Readonly<Record<string, Parse>> = {
  js: javascript,
  javascript,
  mjs: javascript,
  cjs: javascript,
  jsx: javascript,
  ts: javascript,
  typescript: javascript,
  tsx: javascript,
  mts: javascript,
  cts: javascript,
  json,
  jsonc: looseJson,
  json5: looseJson,
  yaml,
  yml: yaml,
  toml,
};

const whole = (code: string): string => code;
const inClass = (code: string): string => `class Example {\n${code}\n}`;
const inMethod = (code: string): string => inClass(`void run() {\n${code}\n}`);

/** How fragments are written in each language: whole, or as the body of something. */
const readings: Readonly<Record<string, readonly ((code: string) => string)[]>> = {
  python: [whole],
  bash: [whole],
  go: [whole, (code) => `func run() {\n${code}\n}`],
  rust: [whole, (code) => `fn run() {\n${code}\n}`],
  java: [whole, inClass, inMethod],
  cpp: [whole, (code) => `void run() {\n${code}\n}`, (code) => `class Example {\n${code}\n};`],
  'c-sharp': [whole, inClass],
  ruby: [whole],
  php: [whole, (code) => `<?php\n${code}`],
};

/** What is wrong with the code by the grammar of its language; undefined if nothing is, or the language has no parser here. */
export async function syntaxError(language: string, code: string): Promise<string | undefined> {
  const parse = parsers[language];
  if (parse !== undefined) return parse(code);
  const grammar = grammarOf(language);
  const ways = readings[grammar ?? ''];
  if (grammar === undefined || ways === undefined) return undefined;
  // in angle brackets C++ has types and headers, not what a reader fills in
  const text = grammar === 'cpp' ? unindent(code) : withoutPrompts(code);
  let error: string | undefined;
  for (const wrap of ways) {
    const found = await withTree(grammar, wrap(text), firstError);
    if (found === undefined) return undefined;
    error ??= found;
  }
  return grammar === 'cpp' && macro.test(code) ? undefined : error;
}

/** C with macros that it does not show is another language: nobody can tell whether it parses. */
const macro = /^\s*#\s*(?:define|if)|\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b|\b[A-Z]{3,}\s*\(/m;

const session = /^\s*(?:>>>|[$%>](?= )|\.\.\.(?= |$))\s?/;

/** What was typed in a shown session, with something in the places that a reader fills in. */
function withoutPrompts(code: string): string {
  const lines = code.split('\n');
  const typed = lines.filter((line) => session.test(line));
  const isSession = /^\s*(?:>>>|[$%>] )/.test(typed[0] ?? '');
  const text = isSession ? typed.map((line) => line.replace(session, '')).join('\n') : code;
  return unindent(text).replace(/<[A-Za-z][\w .-]*>/g, 'placeholder');
}

/** Code within a list stands further right, which is another program in Python. */
function unindent(code: string): string {
  const depths = code.split('\n').flatMap((line) => (line.trim() === '' ? [] : line.search(/\S/)));
  const depth = Math.min(...depths);
  return Number.isFinite(depth) && depth > 0 ? code.replaceAll(new RegExp(`^[ \\t]{${depth}}`, 'gm'), '') : code;
}

function firstError(root: Node): string | undefined {
  if (!root.hasError) return undefined;
  let node = root;
  for (let next: Node | undefined = root; next !== undefined;) {
    node = next;
    next =
      node.isError || node.isMissing
        ? undefined
        : (node.children.find((child) => child?.hasError === true) ?? undefined);
  }
  const { row, column } = node.startPosition;
  return `line ${row + 1}, column ${column + 1} breaks the grammar`;
}

export const isJavaScript = (language: string): boolean => parsers[language] === javascript;
