import type { Span } from './prose.ts';

const fence = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})/;
/** what goes on over blank lines until its end, with that end */
const html: [RegExp, RegExp][] = [
  [/^ {0,3}<!--/, /-->/],
  [/^ {0,3}<(?:script|pre|style|textarea)\b/i, /<\/(?:script|pre|style|textarea)>/i],
  [/^ {0,3}<\?/, /\?>/],
  [/^ {0,3}<!\[CDATA\[/, /\]\]>/],
];

/**
 * Parts of about `size` characters that can be read one by one: each begins with a heading below a blank line, which
 * ends whatever stood open. Reading takes more than twice as long for twice the text.
 */
export function segmentsOf(text: string, size: number): Span[] {
  const starts = [0];
  let end: RegExp | undefined;
  let isAfterBlank = false;
  let at = 0;
  for (const line of text.split('\n')) {
    const isHeading = isAfterBlank && end === undefined && /^#{1,6} /.test(line);
    if (isHeading && at - (starts.at(-1) ?? 0) >= size) starts.push(at);
    if (end === undefined) end = opened(line);
    else if (end.test(line)) end = undefined;
    isAfterBlank = line.trim() === '';
    at += line.length + 1;
  }
  return starts.map((start, index) => ({ start, end: starts[index + 1] ?? text.length }));
}

/** What ends the block that a line begins, where it goes on over blank lines. */
function opened(line: string): RegExp | undefined {
  const mark = fence.exec(line)?.[1];
  if (mark !== undefined) return new RegExp(`^ {0,3}${mark.charAt(0)}{${mark.length},}\\s*$`);
  const found = html.find(([start, end]) => start.test(line) && !end.test(line));
  return found?.[1];
}

/** The lines that tell where references of links lead, which hold for the whole document. */
export const definitionsOf = (text: string): string =>
  [...text.matchAll(/^ {0,3}\[[^\]\n]+\]:[^\n]*$/gm)].map(([line]) => line).join('\n');
