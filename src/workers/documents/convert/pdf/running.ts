import type { Line, Page } from './read.ts';

/** share of the page at its head and foot where running lines stand */
const margin = 0.1;
/** a line that stands there on so many pages, and on so large a share of them, is a running one */
const minPages = 3;
const minShare = 0.3;

/** Leave out page numbers, and titles that are printed at the head or foot of many pages. */
export function dropRunningLines(pages: readonly Page[]): Page[] {
  const counts = new Map<string, number>();
  for (const page of pages) {
    const keys = new Set(page.lines.filter((line) => isInMargin(line, page)).map(keyOf));
    for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const isRunning = (line: Line): boolean => {
    const count = counts.get(keyOf(line)) ?? 0;
    return count >= minPages && count >= pages.length * minShare;
  };
  return pages.map((page) => ({
    ...page,
    lines: page.lines.filter(
      (line) => !(isPageNumber(line) && isOutermost(line, page)) && !(isInMargin(line, page) && isRunning(line)),
    ),
  }));
}

const isInMargin = (line: Line, page: Page): boolean =>
  line.y > page.height * (1 - margin) || line.y < page.height * margin;

const isPageNumber = (line: Line): boolean => /^[\s#./|–-]*$/.test(keyOf(line));

/** The uppermost or lowest line of its page. */
const isOutermost = (line: Line, page: Page): boolean =>
  page.lines.every(({ y }) => y <= line.y) || page.lines.every(({ y }) => y >= line.y);

/** The text with its numbers left open, as those of pages and chapters change. */
const keyOf = (line: Line): string =>
  line.text
    .trim()
    .replace(/\d+|^[ivxlc]+$/gi, '#')
    .replace(/\s+/g, ' ');
