import { plainWords } from './words.ts';

const links = [
  /!?\[([^\]\n]*)\]\([^)\n]*\)/g,
  /!?\[([^\]\n]*)\]\[[^\]\n]*\]/g,
  /^\s{0,3}\[([^\]\n]+)\]:\s+\S+.*$/gm,
  /<a\b[^>]*>([^]*?)<\/a>/gi,
  /`([^`<>\n]*)<[^`<>\n]+>`__?/g,
];
/** entries of reStructuredText's tables of contents are names of documents */
const toctree = /^( *)\.\. (?:toctree|contents)::.*\n(?:(?:\1 +.*|[ \t]*)(?:\n|$))*/gm;

const leastLinks = 3;
/** of the words of a chunk, what may be something else than links */
const otherWords = 0.35;
/** more than these are worth a question, however many links there are */
const mostOtherWords = 80;

/** Whether a chunk is a list of links: a table of contents, a menu, a page that only points elsewhere. */
export function isNavigation(text: string): boolean {
  let count = 0;
  const rest = links.reduce(
    (current, link) =>
      current.replace(link, () => {
        count += 1;
        return ' ';
      }),
    text.replace(toctree, (found) => {
      count += found.split('\n').length;
      return ' ';
    }),
  );
  if (count < leastLinks) return false;
  // the title of the list is part of it
  const other = plainWords(rest.replace(/^\s{0,3}#{1,6} .*$|<[^<>]*>/gm, ' ')).length;
  const all = Math.max(plainWords(text.replace(/<[^<>]*>|\]\([^)\n]*\)|\]:\s+\S+/g, ' ')).length, 1);
  return other / all < otherWords && other < mostOtherWords;
}
