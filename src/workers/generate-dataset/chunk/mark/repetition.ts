import { plainWords } from './words.ts';

/** shorter prose repeats words without saying less */
const leastWords = 50;
/** of the lines, or of the groups of words; the rules are those of the Gopher corpus, made for whole web pages, widened */
const repeatedLines = 0.5;
const repeatedGroups = 0.6;
const mostFrequentPair = 0.3;
const groupSize = 5;
/** "#" and "…" for each word */
const symbols = 0.3;

/** What a chunk of prose repeats too often; undefined if nothing. */
export function repetitionOf(text: string): string | undefined {
  const prose = text.replace(/^\s*(`{3,}|~{3,})[^]*?^\s*\1.*$/gm, ' ').replace(/\]\([^)\n]*\)/g, ' ');
  const words = plainWords(prose);
  if (words.length < leastWords) return undefined;
  const lines = prose
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => plainWords(line).length > 2);
  if (lines.length > 4 && repeatedShare(lines) > repeatedLines) return 'most lines occur more than once';
  const groups = Array.from({ length: words.length - groupSize + 1 }, (_, at) =>
    words.slice(at, at + groupSize).join(' '),
  );
  if (repeatedShare(groups) > repeatedGroups) return 'most groups of five words occur more than once';
  const pairs = Array.from({ length: words.length - 1 }, (_, at) => `${words[at] ?? ''} ${words[at + 1] ?? ''}`);
  if (mostFrequent(pairs) / pairs.length > mostFrequentPair) return 'two words are repeated all the time';
  const signs = prose.match(/#|…|\.{3}/g)?.length ?? 0;
  return signs / words.length > symbols ? 'more symbols than words' : undefined;
}

/** Share of the entries that are equal to an earlier one. */
const repeatedShare = (entries: readonly string[]): number => 1 - new Set(entries).size / entries.length;

function mostFrequent(entries: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const entry of entries) counts.set(entry, (counts.get(entry) ?? 0) + 1);
  return Math.max(...counts.values());
}
