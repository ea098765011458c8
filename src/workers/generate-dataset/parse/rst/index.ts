import type { Block } from '../block.ts';
import { readDirective } from './directive.ts';
import { proseOf } from './inline.ts';
import { readList, type Taken } from './list.ts';
import { countIndented, countWhile, dedent, spanOfLines, splitLines, textOf, trimBlank, type Line } from '../lines.ts';
import type { Place } from './place.ts';
import { readTable } from './table.ts';

/**
 * Blocks of reStructuredText as Sphinx reads it. Own code, since no parser on npm tells where each character stands.
 * Entries of an API, such as `.. function::`, are headings with a section of their own.
 */
export function parseRst(text: string): Block[] {
  return readBlocks(splitLines(text), { styles: [], depth: 0, isNested: false, read: readBlocks });
}

function readBlocks(lines: readonly Line[], place: Place): Block[] {
  const blocks: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    const [count, ...found] = nextBlocks(lines, at, place, blocks.at(-1));
    for (const block of found) {
      if (block.kind === 'heading' && block.until === undefined) place.depth = block.depth;
      blocks.push(block);
    }
    at += Math.max(count, 1);
  }
  return blocks;
}

type Found = [count: number, ...blocks: Block[]];

function nextBlocks(lines: readonly Line[], at: number, place: Place, previous: Block | undefined): Found {
  const line = lines[at];
  if (line === undefined || line.isBlank) return [1];
  if (line.indent > 0) return readIndented(lines, at, place);
  const heading = place.isNested ? undefined : readHeading(lines, at, place.styles);
  if (heading !== undefined) return heading;
  if (/^\.\.(?:\s|$)|^__ /.test(line.text)) return readDirective(lines, at, place, previous);
  return (
    readTable(lines, at) ?? readRule(line) ?? readDoctest(lines, at) ?? readList(lines, at) ?? readParagraph(lines, at)
  );
}

const adornment = /^([!-/:-@[-`{-~])\1*\s*$/;

/** A title over its line of punctuation, or between two of them. */
function readHeading(lines: readonly Line[], at: number, styles: string[]): Taken | undefined {
  const [first, second, third] = lines.slice(at, at + 3);
  const isBoxed =
    first !== undefined &&
    adornment.test(first.text) &&
    third?.text.trimEnd() === first.text.trimEnd() &&
    second?.isBlank === false &&
    first.text.trimEnd().length > 1;
  const title = isBoxed ? second : first;
  const under = isBoxed ? third : second;
  if (title === undefined || under === undefined || !adornment.test(under.text)) return undefined;
  const length = under.text.trimEnd().length;
  // a line of four characters may be too short, as it is in many documents
  if (!isBoxed && length < Math.min(title.text.trim().length, 4)) return undefined;
  if (!isBoxed && adornment.test(title.text)) return undefined;
  const style = `${isBoxed ? 'over' : ''}${under.text.charAt(0)}`;
  if (!styles.includes(style)) styles.push(style);
  const { start } = first ?? title;
  const end = under.start + length;
  return [isBoxed ? 3 : 2, { kind: 'heading', depth: styles.indexOf(style) + 1, prose: proseOf([title]), start, end }];
}

/** A line between two paragraphs. */
const readRule = (line: Line): Taken | undefined =>
  /^([=\-`:.'"~^_*+#])\1{3,}\s*$/.test(line.text) ? [1, { kind: 'other', ...spanOfLines([line]) }] : undefined;

function readDoctest(lines: readonly Line[], at: number): Taken | undefined {
  if (!lines[at]?.text.startsWith('>>> ')) return undefined;
  const count = countWhile(lines, at, (line) => !line.isBlank);
  const part = lines.slice(at, at + count);
  return [count, { kind: 'code', language: 'python', code: textOf(part), ...spanOfLines(part) }];
}

/** Up to a blank line; a `::` at its end makes a literal block of what is indented below. */
function readParagraph(lines: readonly Line[], at: number): Found {
  const count = countWhile(lines, at, (line) => !line.isBlank);
  const part = lines.slice(at, at + count);
  const last = part.at(-1);
  const span = spanOfLines(part);
  if (last?.text.trimEnd().endsWith('::') !== true)
    return [count, { kind: 'paragraph', prose: proseOf(part), ...span }];
  // the reader sees one colon, or none where it stands alone
  const text = last.text.trimEnd().replace(/(?:^|\s+):?:$|:$/, '');
  const prose = proseOf([...part.slice(0, -1), { ...last, text }]);
  const paragraph: Block[] = prose.text === '' ? [] : [{ kind: 'paragraph', prose, ...span }];
  const blank = countWhile(lines, at + count, (line) => line.isBlank);
  const indented = countIndented(lines, at + count + blank);
  if (indented === 0) return [count, ...paragraph];
  const body = lines.slice(at + count + blank, at + count + blank + indented);
  const code: Block = { kind: 'code', language: '', code: textOf(dedent(body)), ...spanOfLines(body) };
  return [count + blank + indented, ...paragraph, code];
}

/** A quotation is not the document's own statement, but lists and code are often indented by mistake. */
function readIndented(lines: readonly Line[], at: number, place: Place): Found {
  const count = countIndented(lines, at);
  const body = trimBlank(dedent(lines.slice(at, at + count)));
  const blocks = readBlocks(body, { ...place, isNested: true });
  return [count, ...blocks.map((block): Block => (block.kind === 'paragraph' ? quoted(block) : block))];
}

const quoted = ({ start, end }: Block): Block => ({ kind: 'other', start, end });
