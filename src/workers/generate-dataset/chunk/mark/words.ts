import { wideCharacters } from '../tokens.ts';

const word = new RegExp(`[${wideCharacters}]|(?:(?![${wideCharacters}])[\\p{L}\\p{N}_])+`, 'gu');
const isWide = new RegExp(`[${wideCharacters}]`);
/** Chinese words have one and a half characters */
const wideWeight = 2 / 3;

/** Words of a text in reading order; each Chinese, Japanese or Korean character by itself. */
export const plainWords = (text: string): string[] => text.toLowerCase().match(word) ?? [];

/** How many words there are besides headings, tags, addresses and comments. */
export function contentWords(text: string): number {
  const content = text
    .replace(/^\s{0,3}#{1,6} .*$/gm, ' ')
    .replace(/^.*\n[=~^"'*+-]{3,}[ \t]*$/gm, ' ')
    .replace(/<!--[^]*?-->|<[^<>]*>/g, ' ')
    .replace(/\b[a-z]+:\/\/\S+/g, ' ');
  return plainWords(content).reduce((sum, entry) => sum + (isWide.test(entry) ? wideWeight : 1), 0);
}
