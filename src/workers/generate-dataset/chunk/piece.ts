import type { Block, Section } from '../parse/block.ts';
import type { Span } from '../parse/prose.ts';
import { paragraphPieces, windowsOf } from './paragraph.ts';

/** A stretch of a document that is not cut any more. The pieces of a document together are the document. */
export interface Piece extends Span {
  /** index of its section */
  section: number;
  kind: 'heading' | 'prose' | 'code' | 'list' | 'table' | 'other' | 'markup';
  tokens: number;
  /** whether what comes next belongs to it: a heading, or a sentence that ends with a colon */
  leadsIn: boolean;
  /** part of a code block that was too large for one chunk */
  isCutCode: boolean;
}

type Start = Pick<Piece, 'kind' | 'section' | 'start' | 'leadsIn' | 'isCutCode'>;

/** Text between blocks (markup, navigation) up to this many characters stays with the block before it. */
const smallGap = 400;

/** Every place where a document may be cut, with the tokens up to the next one. Each character is counted once or twice. */
export function piecesOf(
  text: string,
  sections: readonly Section[],
  maxTokens: number,
  count: (text: string) => number,
): Piece[] {
  const fits = (start: number, end: number): boolean =>
    // one token a character is rare, so most text needs no counting here
    end - start <= maxTokens || count(text.slice(start, end)) < maxTokens;
  const starts: Start[] = [];
  let end = 0;
  for (const [section, { blocks }] of sections.entries()) {
    for (const block of blocks) {
      // a block within another one is part of it
      if (block.start < end || block.end <= block.start) continue;
      starts.push(...gapStarts(text, { start: end, end: block.start }, section, maxTokens));
      starts.push(...blockStarts(block, text, fits, maxTokens).map((start) => ({ ...start, section })));
      end = block.end;
    }
  }
  starts.push(...gapStarts(text, { start: end, end: text.length }, Math.max(sections.length - 1, 0), maxTokens));
  return close(starts, text, count);
}

function close(starts: readonly Start[], text: string, count: (text: string) => number): Piece[] {
  const first = starts[0];
  if (first === undefined) return text === '' ? [] : close([{ ...plain('markup', 0), section: 0 }], text, count);
  return starts.map((start, index) => {
    const from = index === 0 ? 0 : start.start;
    const end = starts[index + 1]?.start ?? text.length;
    return { ...start, start: from, end, tokens: count(text.slice(from, end)) };
  });
}

type BlockStart = Omit<Start, 'section'>;
const plain = (kind: Piece['kind'], start: number): BlockStart => ({ kind, start, leadsIn: false, isCutCode: false });

function blockStarts(
  block: Block,
  text: string,
  fits: (start: number, end: number) => boolean,
  maxTokens: number,
): BlockStart[] {
  switch (block.kind) {
    case 'heading':
      return [{ ...plain('heading', block.start), leadsIn: true }];
    case 'list':
      return increasing([block.start, ...block.items.slice(1).map(({ start }) => start)], block).map((start) =>
        plain('list', start),
      );
    case 'code': {
      const parts = block.parts ?? [];
      if (parts.length < 2 || fits(block.start, block.end)) return [plain('code', block.start)];
      return increasing([block.start, ...parts.slice(1).map(({ start }) => start)], block).map((start) => ({
        ...plain('code', start),
        isCutCode: true,
      }));
    }
    case 'paragraph': {
      const leadsIn = /[:：]\s*$/.test(text.slice(Math.max(block.start, block.end - 8), block.end));
      if (fits(block.start, block.end)) return [{ ...plain('prose', block.start), leadsIn }];
      return paragraphPieces(block, text, fits, maxTokens).map((start) => plain('prose', start));
    }
    case 'table':
      return [plain('table', block.start)];
    case 'other':
      return [plain('other', block.start)];
  }
}

/** Parsers may give one place twice. */
function increasing(starts: readonly number[], { end }: Span): number[] {
  const kept: number[] = [];
  for (const start of starts) if (start < end && start > (kept.at(-1) ?? -1)) kept.push(start);
  return kept;
}

/** What no block covers is markup, or what a parser has left out: no sentence to ask about. */
function gapStarts(text: string, gap: Span, section: number, maxTokens: number): Start[] {
  if (gap.end - gap.start <= smallGap || text.slice(gap.start, gap.end).trim().length <= smallGap) return [];
  return windowsOf(text, gap, maxTokens).map((start) => ({ ...plain('markup', start), section }));
}
