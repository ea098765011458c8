import { parse as parseToml } from 'smol-toml';
import { parseAllDocuments } from 'yaml';
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

/** What is wrong with the code by the grammar of its language; undefined if nothing is, or the language has no parser here. */
export const syntaxError = (language: string, code: string): string | undefined => parsers[language]?.(code);

export const isJavaScript = (language: string): boolean => parsers[language] === javascript;
