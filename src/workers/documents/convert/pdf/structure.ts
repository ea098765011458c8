import type { BlockContent, Root } from 'mdast';
import { joinLines } from './join.ts';
import type { Line, Page } from './read.ts';

/** letters so much larger than those of the text are of headings, when most lines of that size look like titles */
const headingRatio = 1.05;
const minTitleShare = 0.8;
const maxTitleCharacters = 120;
const maxHeadingDepth = 4;

/** Lines as headings, list items, code and paragraphs. */
export function toTree(pages: readonly Page[]): Root {
  const lines = pages.flatMap((page) => page.lines);
  const text = bodySize(lines);
  const depths = headingSizes(lines, text);
  const depthOf = (line: Line): number | undefined => depths.get(line.size);
  const known = wordsOf(lines);

  const children = groupLines(pages, text, depthOf).map((group): BlockContent => {
    const [first] = group;
    const depth = first && depthOf(first);
    if (depth !== undefined) return { type: 'heading', depth: depth as 1, children: [textOf(joinLines(group, known))] };
    if (first?.isMonospaced === true) return { type: 'code', value: codeOf(group) };
    const joined = joinLines(group, known);
    const item = bullet.exec(joined);
    if (item === null) return { type: 'paragraph', children: [textOf(joined)] };
    const children: BlockContent[] = [{ type: 'paragraph', children: [textOf(joined.slice(item[0].length))] }];
    return { type: 'list', ordered: false, spread: false, children: [{ type: 'listItem', spread: false, children }] };
  });
  return { type: 'root', children: mergeLists(children) };
}

const bullet = /^[•◦‣▪●○∙·–-]\s+/;
const textOf = (value: string) => ({ type: 'text' as const, value });

/** The size of most characters. */
function bodySize(lines: readonly Line[]): number {
  const weights = new Map<number, number>();
  for (const { size, text } of lines) weights.set(size, (weights.get(size) ?? 0) + text.length);
  return [...weights].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0;
}

/** The sizes that are those of headings, each with its depth: the largest is the first. */
function headingSizes(lines: readonly Line[], text: number): Map<number, number> {
  const sizes = [...new Set(lines.map((line) => line.size))]
    .filter((size) => size >= text * headingRatio)
    .filter((size) => {
      const written = lines.filter((line) => line.size === size);
      return written.filter(isTitle).length >= written.length * minTitleShare;
    })
    .sort((a, b) => b - a);
  return new Map(sizes.map((size, index) => [size, Math.min(index + 1, maxHeadingDepth)]));
}

const isTitle = ({ text }: Line): boolean =>
  text.length <= maxTitleCharacters && /\p{L}/u.test(text) && !/[.,;，。；]$/.test(text);

function groupLines(pages: readonly Page[], text: number, depthOf: (line: Line) => number | undefined): Line[][] {
  const groups: Line[][] = [];
  let previous: Line | undefined;
  for (const page of pages) {
    let isNewPage = true;
    for (const line of page.lines) {
      const isNext =
        previous !== undefined && depthOf(previous) === depthOf(line) && follows(previous, line, isNewPage, text);
      if (isNext) groups.at(-1)?.push(line);
      else groups.push([line]);
      previous = line;
      isNewPage = false;
    }
  }
  return groups;
}

/** Whether a line goes on with the paragraph of the line before. */
function follows(previous: Line, line: Line, isNewPage: boolean, text: number): boolean {
  if (previous.isMonospaced !== line.isMonospaced || bullet.test(line.text)) return false;
  if (isNewPage) return line.isMonospaced || !/[.!?:。！？：]["')\]]?$/.test(previous.text);
  const gap = previous.y - line.y;
  // upwards: the next column
  if (gap < 0) return !/[.!?:。！？：]$/.test(previous.text);
  return gap <= Math.max(previous.size, line.size, text) * (line.isMonospaced ? 2.5 : 1.6);
}

/** Lines of code keep their indentation, which may be blanks or a place on the page. */
function codeOf(lines: readonly Line[]): string {
  const left = Math.min(...lines.map((line) => line.x));
  return lines
    .map((line) => ' '.repeat(Math.max(0, Math.round((line.x - left) / (line.size * 0.6)))) + line.text)
    .join('\n');
}

/** Items that follow one another are one list. */
function mergeLists(blocks: readonly BlockContent[]): BlockContent[] {
  const merged: BlockContent[] = [];
  for (const block of blocks) {
    const last = merged.at(-1);
    if (block.type === 'list' && last?.type === 'list') last.children.push(...block.children);
    else merged.push(block);
  }
  return merged;
}

const wordsOf = (lines: readonly Line[]): Set<string> =>
  new Set(lines.flatMap((line) => line.text.toLowerCase().match(/[\p{L}\d][\p{L}\d-]*/gu) ?? []));
