import type { Span } from './prose.ts';

/** A line of the document, without the indentation of the block that it is read in. */
export interface Line {
  text: string;
  /** place of its first character in the document */
  start: number;
  indent: number;
  isBlank: boolean;
}

export const emptyLine: Line = { text: '', start: 0, indent: 0, isBlank: true };

const makeLine = (text: string, start: number): Line => ({
  text,
  start,
  indent: text.search(/\S|$/),
  isBlank: text.trim() === '',
});

export function splitLines(text: string): Line[] {
  let start = 0;
  return text.split('\n').map((line) => {
    const entry = makeLine(line, start);
    start += line.length + 1;
    return entry;
  });
}

/** Without the indentation that all lines share, or without that much of it. */
export function dedent(lines: readonly Line[], width = sharedIndent(lines)): Line[] {
  return lines.map((line) => {
    const cut = Math.min(width, line.indent);
    return makeLine(line.text.slice(cut), line.start + cut);
  });
}

const sharedIndent = (lines: readonly Line[]): number =>
  lines.reduce((least, line) => (line.isBlank ? least : Math.min(least, line.indent)), Infinity);

export const textOf = (lines: readonly Line[]): string => lines.map((line) => line.text.trimEnd()).join('\n');

/** From the first line that is not blank to the end of the last one. */
export function spanOfLines(lines: readonly Line[]): Span {
  const first = lines.find((line) => !line.isBlank) ?? lines[0];
  const last = lines.findLast((line) => !line.isBlank) ?? lines[0];
  if (first === undefined || last === undefined) return { start: 0, end: 0 };
  return { start: first.start, end: last.start + last.text.trimEnd().length };
}

export function countWhile(
  lines: readonly Line[],
  at: number,
  matches: (line: Line, index: number) => boolean,
): number {
  let end = at;
  for (let line = lines[end]; line !== undefined && matches(line, end); line = lines[end]) end += 1;
  return end - at;
}

/** How many lines from `at` on are indented, with the blank ones between them. */
export function countIndented(lines: readonly Line[], at: number, indent = 1): number {
  let count = countWhile(lines, at, (line) => line.isBlank || line.indent >= indent);
  while (count > 0 && lines[at + count - 1]?.isBlank === true) count -= 1;
  return count;
}

export const trimBlank = (lines: readonly Line[]): Line[] => {
  const first = lines.findIndex((line) => !line.isBlank);
  return first === -1 ? [] : lines.slice(first, lines.findLastIndex((line) => !line.isBlank) + 1);
};
