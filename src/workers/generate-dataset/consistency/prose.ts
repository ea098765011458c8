/** What is no prose: fenced code, inline code, addresses, mark-up, targets of links. */
const untouchable =
  /(?<=^|\n)[ ]{0,3}(`{3,}|~{3,})[^]*?(?:\n[ ]{0,3}\1[`~]*[ \t]*(?=\n|$)|$)|(?<!`)(`+)(?!`)[^]*?(?<!`)\2(?!`)|\b[a-z][a-z+.-]*:\/\/[^\s<>"'，。；）]+|\]\([^)\n]*\)|<[^<>\n]+>|[\w０-９.+-]+@[\w０-９-]+(?:\.[\w０-９-]+)+/gi;

/** Change the prose of a Markdown text; everything else stays byte for byte. */
export function mapProse(text: string, change: (prose: string) => string): string {
  let result = '';
  let end = 0;
  for (const match of text.matchAll(untouchable)) {
    result += change(text.slice(end, match.index)) + match[0];
    end = match.index + match[0].length;
  }
  return result + change(text.slice(end));
}

/** The parts that `mapProse` leaves alone, in order. */
export const untouchableParts = (text: string): string[] => text.match(untouchable) ?? [];
