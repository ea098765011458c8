import { UnreadableDocument } from '../failure.ts';
import { writeMarkdown } from '../markdown.ts';
import { readPages } from './read.ts';
import { dropRunningLines } from './running.ts';
import { toTree } from './structure.ts';

/** fewer characters a page than this is a scan with stray marks */
const minCharacters = 16;

/** The text of a PDF as Markdown: headings where the size of letters tells, paragraphs, list items and code. */
export async function convertPdf(content: Uint8Array): Promise<string> {
  const pages = await readPages(content);
  const characters = pages.flatMap((page) => page.lines).reduce((sum, line) => sum + line.text.length, 0);
  if (characters < minCharacters * Math.min(pages.length, 10))
    throw new UnreadableDocument('NoText', 'the pages are pictures: there is no text to read');
  return writeMarkdown(toTree(dropRunningLines(pages)));
}
