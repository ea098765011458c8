import type { ChunkHead, Corpus } from '../corpus.ts';

/** tokens that a long row may show; C22 asks for 4,096 to 8,192 */
const longTokens = 8000;
/** less than this is no long context */
const leastLongTokens = 1500;

type Chunks = Pick<Corpus, 'chunksOf'>;

/** The usable chunk right after this one, or before it. */
export function neighbourOf({ chunksOf }: Chunks, chunk: ChunkHead, maxTokens: number): ChunkHead | undefined {
  const own = chunksOf(chunk.document);
  const at = own.findIndex(({ index }) => index === chunk.index);
  return [own[at + 1], own[at - 1]].find(
    (other) => other !== undefined && other.skip === undefined && other.tokens + chunk.tokens <= maxTokens,
  );
}

/** This chunk and those that follow it, as many as a long row holds; undefined if they are too few. */
export function longRunFrom({ chunksOf }: Chunks, chunk: ChunkHead, maxTokens: number): ChunkHead[] | undefined {
  const own = chunksOf(chunk.document);
  const limit = Math.min(longTokens, maxTokens);
  const run: ChunkHead[] = [];
  let tokens = 0;
  for (const other of own.slice(own.findIndex(({ index }) => index === chunk.index))) {
    if (other.skip !== undefined || tokens + other.tokens > limit) break;
    run.push(other);
    tokens += other.tokens;
  }
  return run.length >= 3 && tokens >= Math.min(leastLongTokens, limit / 2) ? run : undefined;
}
