import type { ChunkHead, Corpus } from '../corpus.ts';

/** tokens that a long row may show; C22 asks for 4,096 to 8,192 */
const longTokens = 8000;
/** less than this is no long context */
const leastLongTokens = 1500;

type Chunks = Pick<Corpus, 'chunks'>;

/** Tells the side of the split that a chunk will lie on: what is held back stands beside nothing that is trained. */
export type SideOf = (chunk: number) => string;

/** The chunk beside this one in its document, if it is usable and on the same side. */
function beside(
  { chunks }: Chunks,
  { index, document }: ChunkHead,
  step: number,
  sideOf: SideOf,
): ChunkHead | undefined {
  const other = chunks[index + step];
  if (other?.document !== document || other.skip !== undefined) return undefined;
  return sideOf(other.index) === sideOf(index) ? other : undefined;
}

/** The usable chunk right after this one, or before it. */
export function neighbourOf(
  corpus: Chunks,
  chunk: ChunkHead,
  maxTokens: number,
  sideOf: SideOf,
): ChunkHead | undefined {
  return [beside(corpus, chunk, 1, sideOf), beside(corpus, chunk, -1, sideOf)].find(
    (other) => other !== undefined && other.tokens + chunk.tokens <= maxTokens,
  );
}

/** This chunk and those that follow it, as many as a long row holds, all on one side; undefined if they are too few. */
export function longRunFrom(
  corpus: Chunks,
  chunk: ChunkHead,
  maxTokens: number,
  sideOf: SideOf,
): ChunkHead[] | undefined {
  const limit = Math.min(longTokens, maxTokens);
  const run: ChunkHead[] = [];
  let tokens = 0;
  for (let at: ChunkHead | undefined = chunk; at !== undefined && tokens + at.tokens <= limit;) {
    run.push(at);
    tokens += at.tokens;
    at = beside(corpus, at, 1, sideOf);
  }
  return run.length >= 3 && tokens >= Math.min(leastLongTokens, limit / 2) ? run : undefined;
}
