import type { GenerateInput } from '../../../contract/inputs.ts';
import type { ChunkedDocument } from '../candidate.ts';
import type { Chunk } from '../chunk/chunk.ts';
import { eligibleChunks } from '../coverage.ts';
import { hashShare } from '../split/hash.ts';

export interface PlannedChunk {
  document: ChunkedDocument;
  chunk: Chunk;
  /** how many facts to ask for */
  facts: number;
}

/** a chunk of this size is good for one fact */
const tokensAFact = 100;
/** some facts turn out useless */
const margin = 1.5;

/**
 * The chunks to ask about: as many as `rows.max` can use, taken from all documents in turns, so that no money is spent on
 * rows that find no room.
 */
export function planChunks(documents: readonly ChunkedDocument[], { rows, split }: GenerateInput): PlannedChunk[] {
  const wanted = margin * ((rows.max * split.train) / rows.wordings + rows.max * (split.validation + split.test));
  const planned: PlannedChunk[] = [];
  let facts = 0;
  for (const { document, chunk } of inTurns(documents, split.seed)) {
    if (facts >= wanted) break;
    const quota = Math.min(rows.perChunk, Math.ceil(chunk.tokens / tokensAFact));
    planned.push({ document, chunk, facts: quota });
    facts += quota;
  }
  return planned;
}

/** The first chunk of every document, then the second of every document, and so on, all in the order of their hashes. */
function inTurns(documents: readonly ChunkedDocument[], seed: number): { document: ChunkedDocument; chunk: Chunk }[] {
  const queues = documents
    .toSorted((a, b) => documentOrder(a, seed) - documentOrder(b, seed))
    .map((document) =>
      eligibleChunks(document)
        .sort((a, b) => hashShare(seed, 'chunk', a.id) - hashShare(seed, 'chunk', b.id))
        .map((chunk) => ({ document, chunk })),
    );
  const turns = Math.max(0, ...queues.map((queue) => queue.length));
  return Array.from({ length: turns }, (_, turn) => queues.flatMap((queue) => queue[turn] ?? [])).flat();
}

const documentOrder = ({ source, path }: ChunkedDocument, seed: number): number =>
  hashShare(seed, 'order', `${source}/${path}`);
