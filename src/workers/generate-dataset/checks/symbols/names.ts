/** Names in a piece of code. */
export interface Names {
  /** taken from elsewhere */
  used: Set<string>;
  /** made by the code itself */
  declared: Set<string>;
  /** taken out of modules by their names: known there, whatever the code makes of them */
  taken: Set<string>;
  /** modules that it imports */
  modules: Set<string>;
}

export const noNames = (): Names => ({ used: new Set(), declared: new Set(), taken: new Set(), modules: new Set() });

const declaring =
  /(?:\b(?:def|class|as|for|in|fn|func|fun|function|struct|enum|trait|interface|type|let|var|val|const|local|mut|lambda|module|package|namespace|my|our)\s+|^\s*(?:\$|@)?|[(,]\s*\*{0,2})([A-Za-z_]\w*)(?=\s*(?::=|=(?!=)|:|\)|,|\(|\{|\bin\b|$))/gm;

/**
 * Names by the patterns that most languages share: members after a dot, calls, imports. What is assigned, declared or
 * written in a string is made by the code itself.
 */
export function namesByPattern(code: string): Names {
  const names = noNames();
  const strings = [...code.matchAll(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g)].map(([text]) => text);
  for (const text of strings) for (const [word] of text.matchAll(/[A-Za-z_]\w*/g)) names.declared.add(word);
  const bare = code
    .replace(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g, '""')
    .replace(/(?:^|\s)(?:#|\/\/)(?!\[|include).*$/gm, '');
  for (const [, name = ''] of bare.matchAll(declaring)) names.declared.add(name);
  for (const [, module = '', imported = ''] of bare.matchAll(/^\s*from\s+([\w.]+)\s+import\s+([^\n]+)/gm)) {
    names.modules.add(module);
    for (const [, name = ''] of imported.matchAll(/([A-Za-z_]\w*)(?:\s+as\s+\w+)?/g)) names.taken.add(name);
  }
  for (const [, module = ''] of bare.matchAll(/^\s*import\s+([\w.]+)/gm)) names.modules.add(module);
  for (const [, name = ''] of bare.matchAll(/(?:\.|::|->)([A-Za-z_]\w*)/g)) names.used.add(name);
  for (const [, name = ''] of bare.matchAll(/(?<![\w.])([A-Za-z_]\w*)\s*\(/g)) names.used.add(name);
  return names;
}

/** Names in a code span of prose: a call, a path of members, an option, a variable. A phrase or a command has none. */
export function namesInSpan(span: string): string[] {
  const bare = span.replace(/(['"`])(?:(?!\1).)*\1/g, ' ').replace(/\b[a-z]+:\/\/\S+/gi, ' ');
  const words = bare.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu) ?? [];
  if (words.length === 1) return words;
  const isCommand = /^\s*[a-z][\w./-]*\s+[^(=]*$/.test(bare);
  const isPath = /^[./~]|\/\w+\//.test(bare);
  return !isCommand && !isPath && /[.(){}=:_$-]|[a-z][A-Z]/.test(bare) ? words : [];
}
