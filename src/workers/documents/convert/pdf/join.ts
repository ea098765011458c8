import type { Line } from './read.ts';

/** a longer text would be searched anew for each line */
const maxWordLength = 64;
const wide = /[\u3000-\u303f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]/;

/**
 * The lines of a paragraph as one line. A word that was divided at the end of a line is joined; its hyphen stays where
 * the document writes the word with it elsewhere. `known`: the document's words in lower case.
 */
export function joinLines(lines: readonly Line[], known: ReadonlySet<string>): string {
  return lines.map(({ text }) => text.trim()).reduce((joined, text) => join(joined, text, known), '');
}

function join(before: string, text: string, known: ReadonlySet<string>): string {
  if (before === '') return text;
  const divided = /([\p{L}\d-]*\p{L})[-\u00ad\u2010]$/u.exec(before.slice(-maxWordLength));
  const next = /^\p{Ll}[\p{L}\d]*/u.exec(text);
  if (divided !== null && next !== null) {
    const isCompound = known.has(`${divided[1]}-${next[0]}`.toLowerCase());
    return (isCompound ? before : before.slice(0, -1)) + text;
  }
  const isWide = wide.test(before.slice(-1)) && wide.test(text.slice(0, 1));
  return isWide ? before + text : `${before} ${text}`;
}
