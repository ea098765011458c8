import type { Block, ListItem } from './block.ts';
import { alignProse, flattenProse, type Prose } from './prose.ts';

/**
 * Sections, paragraphs, bullet lists and literal blocks of reStructuredText; other directives are left out as a whole.
 * Own code, since the parsers on npm give no source offsets.
 */
export function parseRst(text: string): Block[] {
  const lines = splitLines(text);
  const blocks: Block[] = [];
  const levels: string[] = [];
  let at = 0;
  while (at < lines.length) {
    const [taken, block] = nextBlock(lines, at, levels, blocks.at(-1));
    if (block !== undefined) blocks.push(block);
    at += Math.max(taken, 1);
  }
  return blocks;
}

interface Line {
  text: string;
  start: number;
  indent: number;
  isBlank: boolean;
}

function splitLines(text: string): Line[] {
  let start = 0;
  return text.split('\n').map((line) => {
    const entry = { text: line, start, indent: line.search(/\S|$/), isBlank: line.trim() === '' };
    start += line.length + 1;
    return entry;
  });
}

const adornment = /^([=\-`:.'"~^_*+#])\1{2,}\s*$/;
const endOf = (line: Line): number => line.start + line.text.trimEnd().length;

function nextBlock(lines: Line[], at: number, levels: string[], previous: Block | undefined): [number, Block?] {
  const line = lines[at];
  if (line === undefined || line.isBlank) return [1];
  const heading = readHeading(lines, at, levels);
  if (heading !== undefined) return heading;
  if (line.indent > 0) return readIndented(lines, at, previous);
  if (line.text.startsWith('.. ')) return readDirective(lines, at);
  if (/^([-*+]|\d+\.|#\.) /.test(line.text)) return readList(lines, at);
  const count = countWhile(lines, at, (entry) => !entry.isBlank && entry.indent === 0);
  const part = lines.slice(at, at + count);
  return [count, { kind: 'paragraph', ...proseOf(part) }];
}

function countWhile(lines: Line[], at: number, matches: (line: Line, index: number) => boolean): number {
  const end = lines.findIndex((line, index) => index >= at && !matches(line, index));
  return (end === -1 ? lines.length : end) - at;
}

/** A title over its line of punctuation, or between two of them; the order of first use gives the depth. */
function readHeading(lines: Line[], at: number, levels: string[]): [number, Block] | undefined {
  const [first, second, third] = lines.slice(at, at + 3);
  const isBoxed = first !== undefined && adornment.test(first.text) && third?.text.trimEnd() === first.text.trimEnd();
  const title = isBoxed ? second : first;
  const under = isBoxed ? third : second;
  if (title === undefined || under === undefined || title.isBlank || !adornment.test(under.text)) return undefined;
  if (!isBoxed && (title.indent > 0 || under.text.trimEnd().length < title.text.trim().length)) return undefined;
  const style = `${isBoxed ? 'over' : ''}${under.text.charAt(0)}`;
  if (!levels.includes(style)) levels.push(style);
  const block: Block = { kind: 'heading', depth: levels.indexOf(style) + 1, ...proseOf([title]) };
  return [isBoxed ? 3 : 2, { ...block, start: (first ?? title).start, end: endOf(under) }];
}

function readIndented(lines: Line[], at: number, previous: Block | undefined): [number, Block] {
  const count = blockLength(lines, at, 1);
  const part = lines.slice(at, at + count);
  const isLiteral = previous?.kind === 'paragraph' && previous.prose.text.endsWith(':') && isDoubleColon(lines, at);
  if (!isLiteral) return [count, { kind: 'other', ...spanOfLines(part) }];
  return [count, { kind: 'code', language: '', code: dedent(part), ...spanOfLines(part) }];
}

function isDoubleColon(lines: Line[], at: number): boolean {
  const before = lines.slice(0, at).findLast((line) => !line.isBlank);
  return before?.text.trimEnd().endsWith('::') === true;
}

/** Lines from `at` that are blank or indented, without the blank ones at the end. */
function blockLength(lines: Line[], at: number, indent: number): number {
  let count = countWhile(lines, at, (line) => line.isBlank || line.indent >= indent);
  while (count > 1 && lines[at + count - 1]?.isBlank === true) count -= 1;
  return count;
}

function readDirective(lines: Line[], at: number): [number, Block] {
  const line = lines[at];
  const count = 1 + (lines[at + 1] === undefined ? 0 : blockLength(lines, at + 1, 1));
  const part = lines.slice(at, at + count);
  const [, language] = /^\.\. (?:code-block|code|sourcecode)::\s*(\S*)/.exec(line?.text ?? '') ?? [];
  if (language === undefined) return [count, { kind: 'other', ...spanOfLines(part) }];
  const body = part.slice(1).filter((entry, index, all) => !isOption(entry, index, all));
  return [count, { kind: 'code', language, code: dedent(body), ...spanOfLines(part) }];
}

const isOption = (line: Line, index: number, lines: Line[]): boolean =>
  /^\s+:[\w-]+:/.test(line.text) && lines.slice(0, index).every((before) => /^\s+:[\w-]+:/.test(before.text));

function readList(lines: Line[], at: number): [number, Block] {
  const isPart = (line: Line, index: number): boolean =>
    line.indent > 0 || /^([-*+]|\d+\.|#\.) /.test(line.text) || (line.isBlank && (lines[index + 1]?.indent ?? 0) > 0);
  const count = countWhile(lines, at, isPart);
  const part = lines.slice(at, at + count);
  const starts = part.flatMap((line, index) => (line.indent === 0 && !line.isBlank ? [index] : []));
  const items = starts.map((start, index): ListItem => {
    const own = part.slice(start, starts[index + 1] ?? part.length);
    const blank = own.findIndex((line) => line.isBlank);
    const first = own.slice(0, blank === -1 ? own.length : blank);
    return { ...proseOf(first, /^([-*+]|\d+\.|#\.) +/), ...spanOfLines(own) };
  });
  return [count, { kind: 'list', items, ...spanOfLines(part) }];
}

function spanOfLines(lines: readonly Line[]): { start: number; end: number } {
  const last = lines.findLast((line) => !line.isBlank) ?? lines[0];
  return { start: lines[0]?.start ?? 0, end: last === undefined ? 0 : endOf(last) };
}

function dedent(lines: readonly Line[]): string {
  const indent = Math.min(...lines.filter((line) => !line.isBlank).map((line) => line.indent));
  return lines
    .map((line) => line.text.slice(indent))
    .join('\n')
    .replace(/^\n+|\s+$/g, '');
}

/** Roles and double backticks become plain text and code; a closing `::` is a colon to the reader. */
function proseOf(lines: readonly Line[], marker?: RegExp): { prose: Prose; start: number; end: number } {
  const span = spanOfLines(lines);
  const source = lines
    .map((line) => line.text)
    .join('\n')
    .trimEnd();
  const value = (marker === undefined ? source : source.replace(marker, ''))
    .replace(/:[\w:-]+:`~?([^`<]+?)(?: <[^`]*>)?`/g, '`$1`')
    .replace(/``([^`]+)``/g, '`$1`')
    .replace(/`([^`<]+?) <[^`]*>`__?/g, '$1')
    .replace(/\*\*([^*]+)\*\*/g, '$1')
    .replace(/::$/, ':');
  return { prose: flattenProse(alignProse(value, source, span.start)), ...span };
}
