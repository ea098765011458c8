import type { Block } from '../block.ts';
import type { Prose, Span } from '../prose.ts';
import { proseOf } from './inline.ts';
import { countIndented, dedent, type Line } from '../lines.ts';

/** The table of a list of lists, or of lines with commas; the first row is its head. */
export function listTable(name: 'list-table' | 'csv-table', body: readonly Line[], span: Span): Block | undefined {
  const rows =
    name === 'list-table' ? itemsOf(body, '*').map(rowOf) : body.filter((line) => !line.isBlank).map(cellsOf);
  const [header, ...rest] = rows.filter((row) => row.length > 0);
  return header === undefined ? undefined : { kind: 'table', header, rows: rest, ...span };
}

const rowOf = (item: readonly Line[]): Prose[] =>
  itemsOf(item, '-').map((cell) => proseOf(cell.filter((line) => !line.isBlank)));

/** Items of a bullet list, each without its marker and indentation. */
function itemsOf(lines: readonly Line[], marker: '*' | '-'): Line[][] {
  const items: Line[][] = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at];
    const isItem = line !== undefined && line.indent === 0 && line.text.startsWith(marker);
    const count = 1 + (isItem ? countIndented(lines, at + 1) : 0);
    if (isItem) {
      const first = { ...line, text: ` ${line.text.slice(1)}`, indent: 1 + line.text.slice(1).search(/\S|$/) };
      items.push(dedent([first, ...lines.slice(at + 1, at + count)]));
    }
    at += count;
  }
  return items;
}

/** Cells between commas, maybe in quotation marks. */
function cellsOf(line: Line): Prose[] {
  return [...line.text.matchAll(/\s*(?:"((?:[^"]|"")*)"|([^,]*))\s*(?:,|$)/dg)]
    .filter((match) => match[0] !== '')
    .map((match) => {
      const [start, end] = match.indices?.[1] ?? match.indices?.[2] ?? [0, 0];
      return proseOf([{ ...line, text: line.text.slice(start, end), start: line.start + start }]);
    });
}
