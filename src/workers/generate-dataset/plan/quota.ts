import type { GenerateInput } from '../../../contract/inputs.ts';
import type { ChunkHead, Corpus } from '../corpus.ts';
import { hashShare } from '../split/hash.ts';

/** a chunk of this size is good for one fact */
const tokensAFact = 120;
/** some facts turn out useless */
const margin = 1.5;

export interface Chosen {
  chunk: ChunkHead;
  /** facts to ask for */
  quota: number;
}

/**
 * The chunks to ask about: as many as `rows.max` can use, taken from all documents in turns, so that no money is spent on
 * rows that find no room. The others are told.
 */
export function chooseChunks(
  corpus: Pick<Corpus, 'documents' | 'chunks' | 'chunksOf'>,
  { rows, split }: Pick<GenerateInput, 'rows' | 'split'>,
): { chosen: Chosen[]; left: ChunkHead[] } {
  const wanted = margin * ((rows.max * split.train) / rows.wordings + rows.max * (split.validation + split.test));
  const chosen: Chosen[] = [];
  const left: ChunkHead[] = [];
  let facts = 0;
  for (const chunk of inTurns(corpus, split.seed)) {
    if (facts >= wanted) {
      left.push(chunk);
      continue;
    }
    const quota = Math.max(1, Math.min(rows.perChunk, Math.round(chunk.tokens / tokensAFact)));
    chosen.push({ chunk, quota });
    facts += quota;
  }
  return { chosen, left };
}

/** The first chunk of every document, then the second of every document, and so on, all in the order of their hashes. */
function* inTurns({ documents, chunksOf }: Pick<Corpus, 'documents' | 'chunksOf'>, seed: number): Generator<ChunkHead> {
  const orders = documents.map(({ index, source, path }) => ({
    index,
    order: hashShare(seed, 'order', `${source}/${path}`),
  }));
  let queues = orders
    .sort((a, b) => a.order - b.order)
    .map(({ index }) =>
      chunksOf(index)
        .filter(({ skip }) => skip === undefined)
        .map((chunk) => ({ chunk, order: hashShare(seed, 'chunk', chunk.id) }))
        .sort((a, b) => a.order - b.order),
    );
  for (let turn = 0; queues.length > 0; turn += 1) {
    queues = queues.filter((queue) => queue.length > turn);
    for (const queue of queues) {
      const entry = queue[turn];
      if (entry !== undefined) yield entry.chunk;
    }
  }
}
