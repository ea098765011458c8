import type { BlockOf } from '../parse/block.ts';
import type { Span } from '../parse/prose.ts';
import { sentenceRanges } from '../parse/sentences.ts';

/** Where the sentences of a long paragraph begin; a sentence that is too long by itself is cut further. */
export function paragraphPieces(
  block: BlockOf<'paragraph'>,
  text: string,
  fits: (start: number, end: number) => boolean,
  maxTokens: number,
): number[] {
  const { prose } = block;
  const starts = [block.start];
  for (const range of sentenceRanges(prose.text)) {
    const lead = prose.text.slice(range.start, range.end).search(/\S/);
    const start = lead === -1 ? undefined : prose.spans[range.start + lead]?.start;
    // characters of an entity all stand for the same place
    if (start !== undefined && start > (starts.at(-1) ?? 0) && start < block.end) starts.push(start);
  }
  return starts.flatMap((start, index) => {
    const end = starts[index + 1] ?? block.end;
    return fits(start, end) ? [start] : windowsOf(text, { start, end }, maxTokens);
  });
}

const placesToCut = /`[^`\n]*`|[，,、；;：:。！？!?.]\s*|\s+/g;

/**
 * Starts of windows of at most `size` characters, cut after punctuation, else at white space, else anywhere between
 * two characters; inline code stays whole where it fits. One character makes one token at the most in nearly all text.
 */
export function windowsOf(text: string, span: Span, size: number): number[] {
  const starts = [span.start];
  let start = span.start;
  while (span.end - start > size) {
    start += widthOf(text.slice(start, start + size));
    starts.push(start);
  }
  return starts;
}

function widthOf(window: string): number {
  let punctuation = 0;
  let space = 0;
  for (const match of window.matchAll(placesToCut)) {
    const end = match.index + match[0].length;
    if (match[0].startsWith('`')) continue;
    if (/^\s/.test(match[0])) space = end;
    else punctuation = end;
  }
  // an early place would make many small windows of one long word
  const place = [punctuation, space].find((end) => end > window.length / 2);
  if (place !== undefined) return place;
  const last = window.charCodeAt(window.length - 1);
  // never between the two halves of a character
  return last >= 0xd800 && last <= 0xdbff && window.length > 1 ? window.length - 1 : window.length;
}
