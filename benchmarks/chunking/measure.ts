import { estimateTokens } from '../../src/workers/generate-dataset/chunk/tokens.ts';
import type { ParsedDocument } from '../chunking.ts';
import type { Splitter } from './splitters.ts';

export interface SplitterFigures {
  name: string;
  /** by processor time, with parsing where the splitter needs it */
  megabytesPerSecond: number;
  withoutParsing: number;
  chunks: number;
  medianTokens: number;
  overMaximum: number;
  /** blocks that a chunk ends within */
  cut: { code: number; table: number; list: number };
  /** chunks with a code fence that is not closed */
  openFences: number;
  isLossless: boolean;
}

/** The machine may have other things to do, so wall time says little. */
export function cpuSeconds(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
}

type Chunk = Awaited<ReturnType<Splitter['split']>>[number];

export async function measureSplitter(
  splitter: Splitter,
  documents: readonly ParsedDocument[],
): Promise<SplitterFigures> {
  // once for nothing, as the first run pays for compilation
  for (const document of documents) await splitter.split(document);
  const start = process.cpuUsage();
  const found: Chunk[][] = [];
  for (const document of documents) found.push(await splitter.split(document));
  const seconds = cpuSeconds(start);
  const parsing = splitter.needsSections ? documents.reduce((sum, document) => sum + document.parseSeconds, 0) : 0;
  const bytes = documents.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  const tokens = found.flat().map(({ text }) => estimateTokens(text));
  const cut = { code: 0, table: 0, list: 0 };
  for (const [index, document] of documents.entries()) countCuts(document, found[index] ?? [], cut);
  return {
    name: splitter.name,
    megabytesPerSecond: bytes / 1e6 / (seconds + parsing),
    withoutParsing: bytes / 1e6 / seconds,
    chunks: tokens.length,
    medianTokens: tokens.toSorted((a, b) => a - b)[Math.floor(tokens.length / 2)] ?? 0,
    overMaximum: tokens.filter((count) => count > 1024).length,
    cut,
    openFences: documents[0]?.format === 'markdown' ? found.flat().filter(({ text }) => hasOpenFence(text)).length : 0,
    isLossless: documents.every(({ text }, index) => (found[index] ?? []).map((chunk) => chunk.text).join('') === text),
  };
}

function countCuts({ text, sections }: ParsedDocument, chunks: readonly Chunk[], cut: SplitterFigures['cut']): void {
  const places = startsOf(text, chunks);
  const isCut = ({ start, end }: { start: number; end: number }): boolean =>
    places.some((place) => place > start && place < end);
  for (const block of sections.flatMap(({ blocks }) => blocks)) {
    if (block.kind === 'code' && isCut(block)) cut.code += 1;
    if (block.kind === 'table' && isCut(block)) cut.table += 1;
    if (block.kind === 'list') cut.list += block.items.filter(isCut).length;
  }
}

/** Chunks that are told without their place are looked up after the one before. */
function startsOf(text: string, chunks: readonly Chunk[]): number[] {
  let from = 0;
  return chunks.flatMap((chunk) => {
    const start = chunk.start ?? text.indexOf(chunk.text, from);
    if (start === -1) return [];
    from = start + 1;
    return [start];
  });
}

function hasOpenFence(text: string): boolean {
  let open: string | undefined;
  for (const line of text.split('\n')) {
    const [, fence, info = ''] = /^\s*(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    if (fence === undefined) continue;
    if (open === undefined) open = fence;
    else if (fence.startsWith(open) && info.trim() === '') open = undefined;
  }
  return open !== undefined;
}
