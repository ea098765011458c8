import type { ChunkHead } from '../corpus.ts';

/** What became of each chunk, one byte for each. */
const asked = 1;
const found = 2;
const accepted = 4;
const failed = 8;

export interface ChunkMarks {
  ask(chunk: number): void;
  /** something was found in it, taken or not */
  find(chunk: number): void;
  /** a fact of it was taken */
  accept(chunk: number): void;
  /** the endpoint gave no usable answer about it */
  fail(chunk: number): void;
  isFound(chunk: number): boolean;
  /** `failed`: without a single fact; `usable`: not skipped */
  counts(): { total: number; usable: number; done: number; failed: number; covered: number };
  covered(): Set<number>;
}

export function createChunkMarks(chunks: readonly ChunkHead[]): ChunkMarks {
  const marks = new Uint8Array(chunks.length);
  const set = (chunk: number, mark: number): void => void (marks[chunk] = (marks[chunk] ?? 0) | mark);
  const has = (chunk: number, mark: number): boolean => ((marks[chunk] ?? 0) & mark) !== 0;
  const count = (matches: (chunk: ChunkHead) => boolean): number =>
    chunks.reduce((sum, chunk) => sum + (matches(chunk) ? 1 : 0), 0);
  return {
    ask: (chunk) => set(chunk, asked),
    find: (chunk) => set(chunk, found),
    accept: (chunk) => set(chunk, found | accepted),
    fail: (chunk) => set(chunk, found | failed),
    isFound: (chunk) => has(chunk, found),
    counts: () => ({
      total: chunks.length,
      usable: count(({ skip }) => skip === undefined),
      done: count(({ index }) => has(index, asked)),
      failed: count(({ index }) => has(index, failed) && !has(index, accepted)),
      covered: count(({ index }) => has(index, accepted)),
    }),
    covered: () => new Set(chunks.filter(({ index }) => has(index, accepted)).map(({ index }) => index)),
  };
}
