import { alignProse, flattenProse, type Prose, type Span } from './prose.ts';

/** languages whose comments of documentation are marked as such */
const marked = new Set(['ts', 'tsx', 'mts', 'cts', 'js', 'jsx', 'mjs', 'cjs', 'java', 'php', 'cs', 'rs']);
const marks = /^(?:\/\*[*!]|\/\/[/!])/;
/** words to tools and lawyers */
const notes = /eslint|prettier-ignore|@ts-|istanbul|noqa|nolint|pylint|go:generate|SPDX-|copyright|^#!/i;

/** Whether a comment tells a reader of the documentation something. */
export function isDocumentation(extension: string, comment: string): boolean {
  return !notes.test(comment) && (!marked.has(extension) || marks.test(comment));
}

/** The prose of a comment up to its first tag, list of parameters or blank line. */
export function commentProse(text: string, { start, end }: Span): Prose {
  const source = text.slice(start, end);
  const clean = source
    .replace(/^(?:\/\*[*!]?|[rRbBuU]?(?:"""|'''|"|'))|(?:\*\/|"""|'''|"|')\s*$/g, '')
    .replace(/^[^\S\n]*(?:\*(?!\/)|\/\/[/!]?|#+)[^\S\n]?/gm, '')
    // documentation of C#
    .replace(/<\/?(?:summary|remarks|para|c|see)\b[^>\n]*>/g, '')
    .trim();
  const stop = clean.search(/\n\s*(?:\n|@\w|:param|<param|Args:|Returns:|Parameters\n)/);
  return flattenProse(alignProse(stop === -1 ? clean : clean.slice(0, stop).trim(), source, start));
}
