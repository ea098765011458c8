import type { AbstractBlock } from '@asciidoctor/core';
import type { Block, ListItem } from '../block.ts';
import { emptyLine, spanOfLines, trimBlank, type Line } from '../lines.ts';
import { joinProse, mapWhole, spanOf, type Prose } from '../prose.ts';
import { proseOf } from './inline.ts';
import { isAttached, type Source } from './source.ts';

type Item = Pick<AbstractBlock, 'getLineNumber'>;

const marker = /^\s*(?:[-*.]+|\d+\.|[a-zA-Z]\.|<[\d.]+>)\s+(?:\[[ x*]\]\s+)?/;
const description = /^\s*(\S.*?)(?::{2,4}|;;)(?:\s+|$)/;

/** Items with the line that each begins with, up to line `end`. */
export function readItems(list: AbstractBlock, source: Source, end: number): Block {
  const starts = (list.getBlocks() as Item[]).map(lineOf);
  return toList(starts, source, end, (lines) => proseOf(firstParagraph(lines, marker), source.valueOf));
}

export function readDescriptions(list: AbstractBlock, source: Source, end: number): Block {
  // each entry is a pair of its terms and its text
  const entries = list.getBlocks() as unknown as [Item[], Item | null][];
  const starts = entries.map(([terms]) => lineOf(terms[0]));
  return toList(starts, source, end, (lines) => {
    const terms: Prose[] = [];
    let body: readonly Line[] = lines;
    // terms that share a text stand above one another
    for (let found = description.exec(body[0]?.text ?? ''); found !== null;) {
      const [line = emptyLine, ...below] = body;
      const [head, term = ''] = found;
      terms.push(proseOf([cutLine(line, line.text.indexOf(term), term.length)], source.valueOf));
      body = trimBlank([cutLine(line, head.length), ...below]);
      found = body.length < below.length + 1 ? description.exec(body[0]?.text ?? '') : null;
    }
    return labelled(joinTerms(terms), proseOf(firstParagraph(body), source.valueOf));
  });
}

const cutLine = (line: Line, from: number, length = Infinity): Line => {
  const text = line.text.slice(from, from + length);
  return { text, start: line.start + from, indent: 0, isBlank: text.trim() === '' };
};

const joinTerms = (terms: readonly Prose[]): Prose =>
  joinProse(
    terms.flatMap((term, index) => {
      const place = spanOf(term)?.start ?? 0;
      return index === 0 ? [term] : [mapWhole(', ', { start: place, end: place }), term];
    }),
  );

/** of an item: its line, counted from 0 */
const lineOf = (item: Item | undefined): number => (item?.getLineNumber() ?? 0) - 1;

function toList(starts: readonly number[], source: Source, end: number, read: (lines: Line[]) => Prose): Block {
  const items = starts.map((start, index): ListItem => {
    const lines = source.lines.slice(start, Math.max(start + 1, starts[index + 1] ?? end));
    let last = lines.length;
    while (last > 1 && isEnd(lines[last - 1])) last -= 1;
    const own = lines.slice(0, last);
    return { prose: read(own), ...spanOfLines(own) };
  });
  return { kind: 'list', items, start: items[0]?.start ?? 0, end: items.at(-1)?.end ?? 0 };
}

const isEnd = (line: Line | undefined): boolean => line === undefined || isAttached(line);

/** Lines up to a blank one, a `+`, or an item within the item. */
function firstParagraph(lines: readonly Line[], mark?: RegExp): Line[] {
  const [first, ...rest] = lines;
  if (first === undefined) return [];
  const width = mark?.exec(first.text)?.[0].length ?? 0;
  const stop = rest.findIndex(
    (line) =>
      line.isBlank || /^\+\s*$/.test(line.text) || marker.test(line.text) || /^(?:-{4,}|\.{4,})\s*$/.test(line.text),
  );
  return [
    { ...first, text: first.text.slice(width), start: first.start + width },
    ...(stop === -1 ? rest : rest.slice(0, stop)),
  ];
}

function labelled(label: Prose, text: Prose): Prose {
  const place = spanOf(label)?.end ?? 0;
  return text.text === '' ? label : joinProse([label, mapWhole(': ', { start: place, end: place }), text]);
}
