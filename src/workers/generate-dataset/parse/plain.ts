import type { Block } from './block.ts';
import { alignProse, flattenProse } from './prose.ts';

/** Paragraphs of plain text: what stands between blank lines. */
export function parsePlain(text: string): Block[] {
  return [...text.matchAll(/\S(?:[^\n]|\n(?![^\S\n]*\n))*/g)].map((match) => {
    const span = { start: match.index, end: match.index + match[0].trimEnd().length };
    const source = text.slice(span.start, span.end);
    return { kind: 'paragraph', prose: flattenProse(alignProse(source, source, span.start)), ...span };
  });
}
