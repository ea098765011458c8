import { codeSpans, fencesOf } from '../code/fences.ts';
import { isJavaScript } from '../code/syntax.ts';
import { isRefusing, type Draft, type Problem, type Scene } from '../draft.ts';
import { isBuiltInModule, isBuiltInName } from './built-in.ts';
import { javaScriptNames } from './javascript.ts';
import { namesByPattern, namesInSpan, noNames, type Names } from './names.ts';

/** languages whose words are not names of the project */
const unnamed = new Set([
  'json',
  'jsonc',
  'json5',
  'yaml',
  'yml',
  'toml',
  'ini',
  'text',
  'txt',
  'diff',
  'console',
  'http',
]);
const shell = new Set(['sh', 'bash', 'shell', 'zsh', 'console', 'powershell', 'ps1', 'cmd', 'bat']);

/**
 * Names of code in an answer occur in the documents, or come with the language, or are made by the code: a model that
 * makes up an API is caught here at no cost.
 */
export function checkSymbols(draft: Draft, scene: Scene): Problem | undefined {
  if (!scene.areSymbolsChecked) return undefined;
  const { task, answer, questions } = draft;
  const doubtful = task === 'debug' || isRefusing(task);
  // such questions show wrong code on purpose, and their answers speak of it
  const excused = new Set(doubtful ? questions.flatMap((question) => question.match(word) ?? []) : []);
  const parts = doubtful ? [answer] : [answer, ...questions];
  const found = parts.map(namesOf);
  const declared = new Set(found.flatMap(({ declared: own }) => [...own]));
  const isKnown = (name: string): boolean =>
    name.length <= 2 || excused.has(name) || isBuiltInName(name) || scene.knowsSymbol(name);
  for (const { used, taken, modules } of found) {
    const module = [...modules].find((name) => !isKnownModule(name, scene));
    if (module !== undefined) return { reason: 'UNKNOWN_IMPORT', detail: `no document knows the module "${module}"` };
    const name =
      [...taken].find((one) => !isKnown(one)) ?? [...used].find((one) => !declared.has(one) && !isKnown(one));
    if (name !== undefined) return { reason: 'UNKNOWN_SYMBOL', detail: `no document knows "${name}"` };
  }
  return undefined;
}

const keys = ['used', 'declared', 'taken', 'modules'] as const;
const word = /[\p{L}_$][\p{L}\p{N}_$]*/gu;

/** The names of a Markdown text: of its fenced code, and of the code spans in its prose. */
export function namesOf(text: string): Names {
  const names: Names = { ...noNames(), used: new Set(codeSpans(text).flatMap(namesInSpan)) };
  for (const { language, code } of fencesOf(text).fences) {
    if (unnamed.has(language) || shell.has(language)) continue;
    const own = (isJavaScript(language) ? javaScriptNames(code) : undefined) ?? namesByPattern(code);
    for (const key of keys) for (const name of own[key]) names[key].add(name);
  }
  return names;
}

function isKnownModule(module: string, { knowsSymbol }: Scene): boolean {
  if (isBuiltInModule(module)) return true;
  return (module.match(word) ?? []).every((part) => part.length < 2 || knowsSymbol(part));
}
