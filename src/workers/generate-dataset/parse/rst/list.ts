import type { Block, ListItem } from '../block.ts';
import { joinProse, mapWhole, spanOf, type Prose } from '../prose.ts';
import { proseOf } from './inline.ts';
import { countIndented, countWhile, dedent, spanOfLines, type Line } from '../lines.ts';

export type Taken = [count: number, block: Block];

const bullet = /^(?:[-*+•‣]|(?:\d+|#|[A-Za-z])[.)]|\((?:\d+|[A-Za-z])\))(?:\s+|$)/;
const field = /^:((?:[^:\\`]|\\.|:(?!\s)|`[^`]*`)+):(?:\s+|$)/;
const option =
  /^(?:--?|\/)[\w?][^\s,]*(?:[ =][\w<[{][^\s,]*)?(?:, (?:--?|\/)[\w?][^\s,]*(?:[ =][\w<[{][^\s,]*)?)*(?: {2,}|$)/;

/** A list whose items begin at `at`: bullets, numbers, fields, options, or terms with their meaning indented below. */
export function readList(lines: readonly Line[], at: number): Taken | undefined {
  const line = lines[at];
  if (line === undefined) return undefined;
  if (isBullet(line, lines[at + 1])) {
    const isSame = (each: Line, next: Line | undefined): boolean =>
      isBullet(each, next) && signOf(each) === signOf(line);
    return readItems(lines, at, isSame, bulletItem);
  }
  if (field.test(line.text)) return readItems(lines, at, (each) => field.test(each.text), fieldItem);
  if (isOption(line, lines[at + 1])) return readItems(lines, at, isOption, optionItem);
  if (isTerm(line, lines[at + 1])) return readItems(lines, at, isTerm, termItem);
  return undefined;
}

/** A letter with a dot begins an item only where the next line does not go on with the paragraph. */
function isBullet(line: Line, next: Line | undefined): boolean {
  const marker = bullet.exec(line.text)?.[0];
  if (marker === undefined) return false;
  if (next === undefined || next.isBlank || next.indent > 0) return true;
  return bullet.test(next.text) && !/^[A-Za-z][.)]/.test(marker);
}

/** Items with other signs are another list; numbers are one sign. */
const signOf = ({ text }: Line): string => (/^[-*+•‣]/.test(text) ? text.charAt(0) : '1');

const isOption = (line: Line, next: Line | undefined): boolean => {
  const match = option.exec(line.text);
  return match !== null && (match[0].length < line.text.length || (next?.indent ?? 0) > 0);
};

const isTerm = (line: Line, next: Line | undefined): boolean =>
  !line.isBlank &&
  line.indent === 0 &&
  next !== undefined &&
  !next.isBlank &&
  next.indent > 0 &&
  !/^\.\. |::$/.test(line.text);

function readItems(
  lines: readonly Line[],
  at: number,
  isStart: (line: Line, next: Line | undefined) => boolean,
  toItem: (lines: Line[]) => ListItem,
): Taken {
  const items: ListItem[] = [];
  let end = at;
  for (;;) {
    const blank = countWhile(lines, end, (line) => line.isBlank);
    const first = lines[end + blank];
    if (first === undefined || first.indent > 0 || !isStart(first, lines[end + blank + 1])) break;
    const from = end + blank;
    end = from + 1 + countIndented(lines, from + 1);
    items.push(toItem(lines.slice(from, end)));
  }
  const span = { start: items[0]?.start ?? 0, end: items.at(-1)?.end ?? 0 };
  return [end - at, { kind: 'list', items, ...span }];
}

/** Lines up to the first blank one: the first paragraph. */
function firstParagraph(lines: readonly Line[]): Line[] {
  const from = lines.findIndex((line) => !line.isBlank);
  return from === -1 ? [] : lines.slice(from, from + countWhile(lines, from, (line) => !line.isBlank));
}

/** The item's lines, the first without its marker of `width`. */
const withoutMarker = (lines: readonly Line[], width: number): Line[] => {
  const [first, ...rest] = lines;
  if (first === undefined) return [];
  return [
    { ...first, text: first.text.slice(width), start: first.start + width, isBlank: first.text.length <= width },
    ...rest,
  ];
};

function bulletItem(lines: Line[]): ListItem {
  const width = bullet.exec(lines[0]?.text ?? '')?.[0].length ?? 0;
  return { prose: proseOf(firstParagraph(withoutMarker(lines, width))), ...spanOfLines(lines) };
}

function fieldItem(lines: Line[]): ListItem {
  const [marker = '', name = ''] = field.exec(lines[0]?.text ?? '') ?? [];
  const start = lines[0]?.start ?? 0;
  // ":param int port: …" tells of port
  const shown = /^(?:param|parameter|arg|argument|key|keyword|attribute|var|raises?|throws)\s(?:.*\s)?(\S+)$/.exec(
    name,
  )?.[1];
  const label = mapWhole(shown === undefined ? name : `\`${shown}\``, { start, end: start + marker.trimEnd().length });
  return {
    prose: labelled(label, proseOf(firstParagraph(withoutMarker(lines, marker.length)))),
    ...spanOfLines(lines),
  };
}

function optionItem(lines: Line[]): ListItem {
  const [marker = ''] = option.exec(lines[0]?.text ?? '') ?? [];
  const start = lines[0]?.start ?? 0;
  const label = mapWhole(`\`${marker.trim()}\``, { start, end: start + marker.trimEnd().length });
  return {
    prose: labelled(label, proseOf(firstParagraph(withoutMarker(lines, marker.length)))),
    ...spanOfLines(lines),
  };
}

function termItem(lines: Line[]): ListItem {
  const [term, ...meaning] = lines;
  const label = proseOf(term === undefined ? [] : [term]);
  return { prose: labelled(label, proseOf(firstParagraph(dedent(meaning)))), ...spanOfLines(lines) };
}

function labelled(label: Prose, text: Prose): Prose {
  const place = spanOf(label)?.end ?? 0;
  return text.text === '' ? label : joinProse([label, mapWhole(': ', { start: place, end: place }), text]);
}
