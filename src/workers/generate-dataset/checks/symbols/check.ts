import { codeSpans, fencesOf } from '../code/fences.ts';
import { isJavaScript } from '../code/syntax.ts';
import { isRefusing, type Draft, type Problem, type Scene } from '../draft.ts';
import { isBuiltInModule, isBuiltInName } from './built-in.ts';
import { javaScriptNames } from './javascript.ts';
import { namesByPattern, namesInSpan, type Names } from './names.ts';

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
  for (const { used, modules } of found) {
    const module = [...modules].find((name) => !isKnownModule(name, scene));
    if (module !== undefined) return { reason: 'UNKNOWN_IMPORT', detail: `no document knows the module "${module}"` };
    const name = [...used].find(
      (one) =>
        one.length > 2 && !declared.has(one) && !excused.has(one) && !isBuiltInName(one) && !scene.knowsSymbol(one),
    );
    if (name !== undefined) return { reason: 'UNKNOWN_SYMBOL', detail: `no document knows "${name}"` };
  }
  return undefined;
}

const word = /[\p{L}_$][\p{L}\p{N}_$]*/gu;

/** The names of a Markdown text: of its fenced code, and of the code spans in its prose. */
export function namesOf(text: string): Names {
  const names: Names = { used: new Set(codeSpans(text).flatMap(namesInSpan)), declared: new Set(), modules: new Set() };
  for (const { language, code } of fencesOf(text).fences) {
    if (unnamed.has(language) || shell.has(language)) continue;
    const own = (isJavaScript(language) ? javaScriptNames(code) : undefined) ?? namesByPattern(code);
    for (const key of ['used', 'declared', 'modules'] as const) for (const name of own[key]) names[key].add(name);
  }
  return names;
}

function isKnownModule(module: string, { knowsSymbol }: Scene): boolean {
  if (isBuiltInModule(module)) return true;
  return (module.match(word) ?? []).every((part) => part.length < 2 || knowsSymbol(part));
}
