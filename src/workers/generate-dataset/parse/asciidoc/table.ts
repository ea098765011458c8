import type { AbstractBlock } from '@asciidoctor/core';
import type { Block } from '../block.ts';
import { spanOfLines, textOf, type Line } from '../lines.ts';
import { mapWhole, type Prose } from '../prose.ts';
import { proseOf } from './inline.ts';
import type { Source } from './source.ts';

/** what the library does not export of its tables */
interface WithRows {
  rows: Record<'head' | 'body' | 'foot', Cell[][]>;
}
interface Cell {
  /** its text before markup is replaced */
  source(): string;
}

/** A table whose cells are found in its lines in their order; one that is not found stands for the whole table. */
export function readTable(block: AbstractBlock, lines: readonly Line[], { valueOf }: Source): Block {
  const { head, body, foot } = (block as unknown as WithRows).rows;
  const span = spanOfLines(lines);
  const text = textOf(lines);
  let at = 0;
  const read = (cell: Cell): Prose => {
    const written = cell.source().trim();
    const first = written.split('\n', 1)[0]?.trimEnd() ?? '';
    const found = first === '' ? -1 : text.indexOf(first, at);
    if (found === -1) return mapWhole(written, span);
    at = found + first.length;
    const start = span.start + found;
    const isWhole = text.startsWith(written, found);
    if (!isWhole) return mapWhole(written.replace(/\s+/g, ' '), { start, end: start + first.length });
    return proseOf([{ text: written, start, indent: 0, isBlank: false }], valueOf);
  };
  const rows = [head, body, foot].map((part) => part.map((row) => row.map(read)));
  const [header = [], ...rest] = (rows[0]?.length ?? 0) > 0 ? rows.flat() : [[], ...rows.flat()];
  return { kind: 'table', header, rows: rest, ...span };
}
