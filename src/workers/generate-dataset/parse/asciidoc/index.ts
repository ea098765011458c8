import { load, type AbstractBlock, type Document } from '@asciidoctor/core';
import type { Block } from '../block.ts';
import { emptyLine, spanOfLines, splitLines, trimBlank, type Line } from '../lines.ts';
import { parsePlain } from '../plain.ts';
import { proseOf } from './inline.ts';
import { readDescriptions, readItems } from './list.ts';
import { readTable } from './table.ts';
import { isAttached, type Source } from './source.ts';

/**
 * Blocks of AsciiDoc, found by Asciidoctor, which tells the line that each begins with. Nothing is included: another
 * file is another document.
 */
export async function parseAsciidoc(text: string): Promise<Block[]> {
  const document = await load(text, { sourcemap: true, safe: 'secure', logger: null }).catch(() => undefined);
  // what it refuses is text all the same
  if (document === undefined) return parsePlain(text);
  const source: Source = { lines: splitLines(text), valueOf: (name) => attributeOf(document, name) };
  return [...readTitle(document, source), ...readAll(document.getBlocks(), source, source.lines.length)];
}

function attributeOf(document: Document, name: string): string | undefined {
  const value: unknown = document.getAttribute(name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function readTitle(document: Document, { lines, valueOf }: Source): Block[] {
  const line = document.hasHeader() ? lines[(document.header.getLineNumber() ?? 0) - 1] : undefined;
  if (line === undefined) return [];
  return [headingOf(line, 1, valueOf)];
}

function headingOf(line: Line, depth: number, valueOf: Source['valueOf']): Block {
  const mark = /^[=#]+\s+/.exec(line.text)?.[0].length ?? 0;
  const title = { ...line, text: line.text.slice(mark), start: line.start + mark };
  return { kind: 'heading', depth, prose: proseOf([title], valueOf), ...spanOfLines([line]) };
}

/** The blocks that stand before line `end`, each up to where the next one begins. */
function readAll(blocks: readonly AbstractBlock[], source: Source, end: number): Block[] {
  return blocks.flatMap((block, index) => {
    const start = (block.getLineNumber() ?? 0) - 1;
    const next = blocks
      .slice(index + 1)
      .find((each) => each.getLineNumber() !== undefined)
      ?.getLineNumber();
    if (start < 0 || start >= end) return [];
    const until = Math.min(next === undefined ? end : next - 1, end);
    return read(block, source, start, Math.max(until, start + 1), index === 0);
  });
}

function read(block: AbstractBlock, source: Source, start: number, end: number, isFirst: boolean): Block[] {
  const lines = ownLines(source.lines.slice(start, end));
  const other: Block = { kind: 'other', ...spanOfLines(lines) };
  switch (block.getContext()) {
    case 'section':
      return [
        headingOf(lines[0] ?? emptyLine, (block.getLevel() ?? 0) + 1, source.valueOf),
        ...readAll(block.getBlocks(), source, end),
      ];
    case 'paragraph':
      return lines[0]?.text.startsWith('include::') === true ? [other] : [paragraph(lines, source)];
    case 'listing':
    case 'literal':
      return [code(block, lines)];
    case 'ulist':
    case 'olist':
    case 'colist':
      return [readItems(block, source, end)];
    case 'dlist':
      return [readDescriptions(block, source, end)];
    case 'table':
      return [readTable(block, lines, source)];
    case 'admonition':
      // an aside right below a title does not tell what the section is about
      if (isFirst) return [other];
      return block.hasBlocks() ? readAll(block.getBlocks(), source, end) : [paragraph(lines, source)];
    case 'preamble':
    case 'example':
    case 'open':
    case 'sidebar':
      return block.hasBlocks() ? readAll(block.getBlocks(), source, end) : [other];
    default:
      return [other];
  }
}

/** Without what belongs to the block that follows: its title, its attributes and the end of the block around. */
function ownLines(lines: readonly Line[]): Line[] {
  let end = lines.length;
  while (end > 1 && isAttached(lines[end - 1] ?? emptyLine)) end -= 1;
  return trimBlank(lines.slice(0, end));
}

function paragraph(lines: readonly Line[], { valueOf }: Source): Block {
  const blank = lines.findIndex((line) => line.isBlank);
  const own = (blank === -1 ? lines : lines.slice(0, blank)).filter(({ text }) => !text.startsWith('//'));
  const [first, ...rest] = own;
  const label = /^(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION):\s+/.exec(first?.text ?? '')?.[0].length ?? 0;
  const text =
    first === undefined ? [] : [{ ...first, text: first.text.slice(label), start: first.start + label }, ...rest];
  return { kind: 'paragraph', prose: proseOf(text, valueOf), ...spanOfLines(own) };
}

function code(block: AbstractBlock, lines: readonly Line[]): Block {
  const { lines: written } = block as unknown as { lines: string[] };
  const isDelimited = /^(?:-{4,}|\.{4,}|`{3,}.*|--|={4,})\s*$/.test(lines[0]?.text ?? '');
  const count = written.length + (isDelimited ? 2 : 0);
  const language: unknown = block.getAttribute('language');
  return {
    kind: 'code',
    language: typeof language === 'string' ? language : '',
    // marks of notes to the lines of code
    code: written.join('\n').replace(/\s*(?:\/\/|#|;;)?\s*<[\d.]+>[^\S\n]*$/gm, ''),
    ...spanOfLines(lines.slice(0, count)),
  };
}
