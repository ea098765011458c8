import { createHash } from 'node:crypto';
import type { ChunkHead } from '../corpus.ts';
import { isApiName } from '../extractive/topic.ts';
import type { Section } from '../parse/block.ts';
import { packPieces, type PackLimits } from './pack.ts';
import { piecesOf, type Piece } from './piece.ts';
import { estimator, languageOf, type Tokenizer } from './tokens.ts';

export type Chunk = Omit<ChunkHead, 'index' | 'document' | 'skip'>;

/** part of the id, so that chunks of another cut are other chunks */
const version = 2;

/**
 * Cut a document into chunks that together are the whole document. Code, tables and list items stay whole, even when
 * one alone is larger than `maxTokens` (flag OVERSIZE); only code that large is cut, between declarations (CUT_CODE).
 * A paragraph that large is cut between sentences.
 */
export function cutChunks(
  text: string,
  sha256: string,
  sections: readonly Section[],
  limits: PackLimits,
  tokenizer: Tokenizer = estimator,
): Chunk[] {
  const pieces = piecesOf(text, sections, limits.maxTokens, tokenizer.count);
  return packPieces(pieces, limits).map((group) => toChunk(group, text, sha256, sections, limits, tokenizer));
}

function toChunk(
  pieces: readonly Piece[],
  text: string,
  sha256: string,
  sections: readonly Section[],
  limits: PackLimits,
  tokenizer: Tokenizer,
): Chunk {
  const start = pieces[0]?.start ?? 0;
  const end = pieces.at(-1)?.end ?? 0;
  const content = text.slice(start, end);
  const heading = sections[mostOf(pieces, ({ section }) => section) ?? 0]?.path ?? [];
  // of several pieces the sum is not exact
  const tokens = pieces.length === 1 && pieces[0] !== undefined ? pieces[0].tokens : tokenizer.count(content);
  const flag = flagOf(pieces, tokens > limits.maxTokens);
  return {
    id: `sha256:${createHash('sha256').update(`${version} ${sha256} ${start} ${end}`).digest('hex')}`,
    start,
    end,
    tokens,
    heading,
    kind: kindOf(pieces, heading.at(-1)),
    language: languageOf(content),
    ...(flag === undefined ? {} : { flag }),
  };
}

function flagOf(pieces: readonly Piece[], isOversize: boolean): Chunk['flag'] {
  if (pieces.some(({ isCutCode }) => isCutCode)) return 'CUT_CODE';
  if (pieces.every(({ kind }) => kind === 'markup')) return 'MARKUP';
  return isOversize ? 'OVERSIZE' : undefined;
}

function kindOf(pieces: readonly Piece[], title: string | undefined): Chunk['kind'] {
  const kind = mostOf(pieces, (piece) => (piece.kind === 'code' || piece.kind === 'table' ? piece.kind : 'prose'));
  if (kind === 'code' || kind === 'table') return kind;
  return title !== undefined && isApiName(title) ? 'api' : 'prose';
}

/** What most of the tokens belong to. */
function mostOf<T>(pieces: readonly Piece[], key: (piece: Piece) => T): T | undefined {
  const sums = new Map<T, number>();
  for (const piece of pieces) sums.set(key(piece), (sums.get(key(piece)) ?? 0) + piece.tokens);
  return [...sums].reduce<[T, number] | undefined>(
    (best, entry) => (best && best[1] >= entry[1] ? best : entry),
    undefined,
  )?.[0];
}
