import type { ChunkHead, Corpus } from '../corpus.ts';

/** tokens that a long row may show; C22 asks for 4,096 to 8,192 */
const longTokens = 8000;
/** less than this is no long context */
const leastLongTokens = 1500;

type Chunks = Pick<Corpus, 'chunks'>;

/** The chunk beside this one in its document, if it is usable. */
function beside({ chunks }: Chunks, { index, document }: ChunkHead, step: number): ChunkHead | undefined {
  const other = chunks[index + step];
  return other?.document === document && other.skip === undefined ? other : undefined;
}

/** The usable chunk right after this one, or before it. */
export function neighbourOf(corpus: Chunks, chunk: ChunkHead, maxTokens: number): ChunkHead | undefined {
  return [beside(corpus, chunk, 1), beside(corpus, chunk, -1)].find(
    (other) => other !== undefined && other.tokens + chunk.tokens <= maxTokens,
  );
}

/** This chunk and those that follow it, as many as a long row holds; undefined if they are too few. */
export function longRunFrom(corpus: Chunks, chunk: ChunkHead, maxTokens: number): ChunkHead[] | undefined {
  const limit = Math.min(longTokens, maxTokens);
  const run: ChunkHead[] = [];
  let tokens = 0;
  for (let at: ChunkHead | undefined = chunk; at !== undefined && tokens + at.tokens <= limit;) {
    run.push(at);
    tokens += at.tokens;
    at = beside(corpus, at, 1);
  }
  return run.length >= 3 && tokens >= Math.min(leastLongTokens, limit / 2) ? run : undefined;
}
