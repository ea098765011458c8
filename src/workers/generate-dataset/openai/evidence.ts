import type { Chunk } from '../chunk/chunk.ts';
import type { ChunkedDocument } from '../candidate.ts';
import type { Prose, Span } from '../parse/prose.ts';
import { alignProse, flattenProse, joinProse, sliceProse, spanOf } from '../parse/prose.ts';

/** a shorter quote proves nothing */
const minCharacters = 8;

/** Where a chunk holds the quoted passage, white space aside: as it is written, or as a reader sees it without markup. */
export function locateQuote(quote: string, document: ChunkedDocument, chunk: Chunk): Span | undefined {
  const wanted = quote.replace(/\s+/g, ' ').trim();
  if (wanted.length < minCharacters) return undefined;
  const raw = document.text.slice(chunk.start, chunk.end);
  return find(wanted, flattenProse(alignProse(raw, raw, chunk.start))) ?? find(wanted, proseOf(document, chunk));
}

function find(wanted: string, prose: Prose): Span | undefined {
  const at = prose.text.indexOf(wanted);
  return at === -1 ? undefined : spanOf(sliceProse(prose, at, at + wanted.length));
}

function proseOf(document: ChunkedDocument, chunk: Chunk): Prose {
  const blank: Prose = { text: ' ', spans: [{ start: chunk.start, end: chunk.start }], linked: 0 };
  const parts = document.sections
    .flatMap((section) => section.blocks)
    .filter(({ start, end }) => start >= chunk.start && end <= chunk.end)
    .flatMap((block): Prose[] => {
      if (block.kind === 'list') return block.items.map((item) => item.prose);
      if (block.kind === 'table') return [...block.header, ...block.rows.flat()];
      return 'prose' in block ? [block.prose] : [];
    });
  return flattenProse(joinProse(parts.flatMap((part) => [part, blank])));
}
