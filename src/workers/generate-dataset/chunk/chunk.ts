import { createHash } from 'node:crypto';
import type { Block, Section } from '../parse/block.ts';
import { sliceProse, spanOf, type Span } from '../parse/prose.ts';
import { sentenceRanges } from '../parse/sentences.ts';
import { estimateTokens } from './tokens.ts';

export interface Chunk extends Span {
  id: string;
  /** headings above its first block */
  heading: string[];
  tokens: number;
}

export interface ChunkLimits {
  targetTokens: number;
  maxTokens: number;
}

/** part of the id, so that chunks of another cut are other chunks */
const version = 1;
/** a section below this size shares a chunk with its neighbour */
const minTokens = 64;

/**
 * Cut a document into chunks that together are the whole document. Code, tables and list items stay whole, even when
 * one alone is larger than `maxTokens`; a long paragraph is cut between sentences.
 */
export function cutChunks(text: string, sha256: string, sections: readonly Section[], limits: ChunkLimits): Chunk[] {
  const chunks: Chunk[] = [];
  const tokensOf = (start: number, end: number): number => estimateTokens(text.slice(start, end));
  let open: { start: number; heading: string[] } | undefined;
  const close = (end: number): void => {
    if (open === undefined || end <= open.start) return;
    const id = createHash('sha256').update(`${version} ${sha256} ${open.start} ${end}`).digest('hex');
    chunks.push({
      id: `sha256:${id}`,
      heading: open.heading,
      start: open.start,
      end,
      tokens: tokensOf(open.start, end),
    });
    open = undefined;
  };
  for (const section of sections) {
    if (open !== undefined && tokensOf(open.start, section.start) >= minTokens) close(section.start);
    open ??= { start: section.start, heading: section.path };
    for (const unit of section.blocks.flatMap((block) => unitsOf(block, text, limits.maxTokens))) {
      const size = tokensOf(open.start, unit.end);
      const isFull = size > limits.targetTokens && tokensOf(open.start, unit.start) >= minTokens;
      if (isFull && unit.start > open.start) {
        close(unit.start);
        open = { start: unit.start, heading: section.path };
      }
    }
  }
  close(text.length);
  return chunks;
}

/** The smallest parts that a cut may stand between. */
function unitsOf(block: Block, text: string, maxTokens: number): Span[] {
  if (block.kind === 'list') return block.items;
  if (block.kind !== 'paragraph' || estimateTokens(text.slice(block.start, block.end)) <= maxTokens) return [block];
  return sentenceRanges(block.prose.text).flatMap(
    ({ start, end }) => spanOf(sliceProse(block.prose, start, end)) ?? [],
  );
}
