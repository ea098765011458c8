import type { Passage } from '../checks/draft.ts';
import { sentencesBefore } from '../chunk/overlap.ts';
import type { ChunkHead, Corpus } from '../corpus.ts';
import { alignProse, flattenProse, joinProse, type Prose, type Span } from '../parse/prose.ts';
import type { Shown } from '../prompts/documents.ts';

/** A chunk, or a part of one that is too long for the model. */
export interface Piece extends Span {
  chunk: ChunkHead;
}

/** What a request shows. */
export interface Material {
  pieces: readonly Piece[];
  passages: readonly Passage[];
  shown: readonly Shown[];
}

/**
 * Read the texts of the pieces; pieces that follow one another are one passage. `overlap` sentences before each are
 * shown with it, and are no evidence.
 */
export async function gather(corpus: Corpus, pieces: readonly Piece[], overlap = 0): Promise<Material> {
  const joined = joinPieces(pieces);
  const passages: Passage[] = [];
  const shown: Shown[] = [];
  for (const { chunk, start, end } of joined) {
    const whole = await corpus.text(chunk.document);
    const text = whole.slice(start, end);
    const before = overlap === 0 ? undefined : sentencesBefore(await corpus.sections(chunk.document), start, overlap);
    const lead = before === undefined ? '' : `${whole.slice(before.start, before.end).trim()} `;
    const written = once(() => flattenProse(alignProse(text, text, start)));
    const prose = once(() => proseOf(corpus, chunk.document, { start, end }));
    passages.push({ document: chunk.document, chunk: chunk.index, start, end, text, written, prose });
    const path = corpus.documents[chunk.document]?.path ?? '';
    shown.push({ place: [path, ...chunk.heading].join(' > '), text: lead + text.trim() });
  }
  return { pieces, passages, shown };
}

/** Made when it is first asked for: most quotes are found in the text itself. */
function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

function joinPieces(pieces: readonly Piece[]): Piece[] {
  const joined: Piece[] = [];
  // the documents in the order given, the parts of one in their own
  const order = [...new Set(pieces.map(({ chunk }) => chunk.document))];
  const sorted = pieces.toSorted(
    (a, b) => order.indexOf(a.chunk.document) - order.indexOf(b.chunk.document) || a.start - b.start,
  );
  for (const piece of sorted) {
    const last = joined.at(-1);
    if (last !== undefined && last.chunk.document === piece.chunk.document && last.end === piece.start)
      joined[joined.length - 1] = { ...last, end: piece.end };
    else joined.push(piece);
  }
  return joined;
}

/** The text as a reader sees it. */
async function proseOf(corpus: Corpus, document: number, range: Span): Promise<Prose> {
  const sections = await corpus.sections(document);
  const blank: Prose = { text: ' ', spans: [{ start: range.start, end: range.start }], linked: 0 };
  const parts = sections
    .flatMap((section) => section.blocks)
    .filter(({ start, end }) => start >= range.start && end <= range.end)
    .flatMap((block): Prose[] => {
      if (block.kind === 'list') return block.items.map((item) => item.prose);
      if (block.kind === 'table') return [...block.header, ...block.rows.flat()];
      return 'prose' in block ? [block.prose] : [];
    });
  return flattenProse(joinProse(parts.flatMap((part) => [part, blank])));
}
