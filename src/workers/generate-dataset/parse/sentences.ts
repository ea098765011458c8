import type { Span } from './prose.ts';

const abbreviation = /(?:\b(?:e\.g|i\.e|etc|vs|cf|resp|approx|incl|Mr|Dr|No|Fig|v\d*)|\.\.)\.$/;

/** Ranges of the sentences of a flat text; dots within code, numbers and names end none. */
export function sentenceRanges(text: string): Span[] {
  const ranges: Span[] = [];
  let start = 0;
  let isCode = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === '`') isCode = !isCode;
    if (isCode || !isSentenceEnd(text, at)) continue;
    ranges.push({ start, end: at + 1 });
    start = at + 1;
  }
  if (text.slice(start).trim() !== '') ranges.push({ start, end: text.length });
  return ranges;
}

function isSentenceEnd(text: string, at: number): boolean {
  const char = text.charAt(at);
  if (/[。！？；]/.test(char)) return true;
  if (!/[.!?]/.test(char)) return false;
  const rest = text.slice(at + 1);
  if (rest !== '' && !/^["')\]]?\s+["'`([]?[\p{Lu}\d`@]/u.test(rest)) return false;
  return !abbreviation.test(text.slice(Math.max(0, at - 8), at + 1));
}
