import type { Block } from '../block.ts';
import type { Prose } from '../prose.ts';
import { proseOf } from './inline.ts';
import type { Taken } from './list.ts';
import { countWhile, spanOfLines, type Line } from '../lines.ts';

const gridBorder = /^\+(?:[-=]+\+)+\s*$/;
const simpleBorder = /^=+(?: +=+)+\s*$/;

/** A table that is drawn as a grid, or with a line of equals signs above and below. */
export function readTable(lines: readonly Line[], at: number): Taken | undefined {
  const line = lines[at]?.text ?? '';
  if (gridBorder.test(line)) return readGrid(lines, at);
  return simpleBorder.test(line) ? readSimple(lines, at) : undefined;
}

function readGrid(lines: readonly Line[], at: number): Taken {
  const count = countWhile(lines, at, (line) => /^[+|]/.test(line.text));
  const part = lines.slice(at, at + count);
  const columns = [...(part[0]?.text.trimEnd() ?? '').matchAll(/\+/g)].map((match) => match.index);
  const rows: Line[][] = [];
  let head = 0;
  for (const line of part) {
    if (!gridBorder.test(line.text)) rows.at(-1)?.push(line);
    else {
      if (line.text.includes('=')) head = rows.length;
      rows.push([]);
    }
  }
  const cells = rows.filter((row) => row.length > 0).map((row) => cellsOf(row, columns, 1));
  return [count, toTable(cells, head > 0, part)];
}

function readSimple(lines: readonly Line[], at: number): Taken {
  const borders: number[] = [];
  // the table ends with the border that a blank line, or nothing, follows
  const count =
    1 +
    countWhile(lines, at, (line, index) => {
      if (!simpleBorder.test(line.text)) return true;
      borders.push(index);
      return index === at || lines[index + 1]?.isBlank === false;
    });
  const part = lines.slice(at, at + count);
  const columns = [...(part[0]?.text ?? '').matchAll(/=+/g)].map((match) => match.index);
  const rows: Line[][] = [];
  for (const line of part) {
    if (line.isBlank || simpleBorder.test(line.text) || /^-+(?: +-+)*\s*$/.test(line.text)) continue;
    // a row whose first cell is empty goes on with the row above
    const isNext = line.text.slice(0, columns[1]).trim() === '' && rows.length > 0;
    if (isNext) rows.at(-1)?.push(line);
    else rows.push([line]);
  }
  return [
    Math.min(count, lines.length - at),
    toTable(
      rows.map((row) => cellsOf(row, [...columns, Infinity], 0)),
      borders.length > 2,
      part,
    ),
  ];
}

function toTable(cells: Prose[][], hasHead: boolean, lines: readonly Line[]): Block {
  const [header = [], ...rows] = hasHead ? cells : [[], ...cells];
  return { kind: 'table', header, rows, ...spanOfLines(lines) };
}

/** The cells of a row: what stands between the columns on each of its lines. `border`: width of what divides them. */
function cellsOf(row: readonly Line[], columns: readonly number[], border: number): Prose[] {
  return columns.slice(0, -1).map((column, index) =>
    proseOf(
      row.map((line) => {
        const from = indexAt(line.text, column + border);
        const text = line.text
          .slice(from, indexAt(line.text, columns[index + 1] ?? Infinity))
          .replace(/\s*\|?\s*$/, '');
        return { ...line, text, start: line.start + from };
      }),
    ),
  );
}

const wide = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/;

/** Place in the text of a column on the screen, where Chinese characters take two. */
function indexAt(text: string, column: number): number {
  if (column >= text.length && !wide.test(text)) return text.length;
  let width = 0;
  for (let index = 0; index < text.length; index += 1) {
    if (width >= column) return index;
    width += wide.test(text.charAt(index)) ? 2 : 1;
  }
  return text.length;
}
