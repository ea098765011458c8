import type { Evidence } from '../fact.ts';
import { sliceProse, spanOf, type Prose, type Span } from '../parse/prose.ts';
import { nearestMatch } from './nearest.ts';
import type { Passage } from './draft.ts';

/** a shorter quote proves nothing; Chinese says as much in fewer characters */
const minCharacters = { zh: 4, other: 8 };

/** similarity from which a quote is taken for the passage, 0 to 1 */
const minSimilarity = 0.9;

/**
 * Where the shown passages hold the quote, white space aside: as it is written, as a reader sees it without markup, in
 * pieces where the model left words out with dots, or nearly. Empty if nowhere.
 */
export async function locateQuote(quote: string, passages: readonly Passage[]): Promise<Evidence[]> {
  const wanted = flatten(quote);
  if (!isLongEnough(wanted)) return [];
  for (const { text, start, document } of passages) {
    const at = text.indexOf(quote.trim());
    if (at !== -1) return [{ start: start + at, end: start + at + quote.trim().length, document }];
  }
  for (const find of [findExact, findNearly]) {
    for (const passage of passages) {
      const spans = await findIn(wanted, passage, find);
      if (spans.length > 0) return spans.map((span) => ({ ...span, document: passage.document }));
    }
  }
  return [];
}

async function findIn(wanted: string, { written, prose }: Passage, find: typeof findExact): Promise<Span[]> {
  const found = findWhole(wanted, written(), find);
  return found.length > 0 ? found : findWhole(wanted, await prose(), find);
}

function findWhole(wanted: string, prose: Prose, find: typeof findExact): Span[] {
  const whole = find(wanted, prose);
  if (whole !== undefined) return [whole];
  const pieces = wanted.split(/\s*(?:\.{3}|…+)\s*/);
  if (pieces.length < 2 || !pieces.every(isLongEnough)) return [];
  const spans = pieces.map((piece) => find(piece, prose)).filter((span) => span !== undefined);
  const areInOrder = spans.every((span, index) => index === 0 || span.start >= (spans[index - 1]?.end ?? 0));
  return spans.length === pieces.length && areInOrder ? spans : [];
}

function findExact(wanted: string, prose: Prose): Span | undefined {
  const at = prose.text.indexOf(wanted);
  return at === -1 ? undefined : spanOf(sliceProse(prose, at, at + wanted.length));
}

function findNearly(wanted: string, prose: Prose): Span | undefined {
  const match = nearestMatch(wanted, prose.text, Math.floor(wanted.length * (1 - minSimilarity)));
  if (match === undefined || !saysTheSame(wanted, prose.text.slice(match.start, match.end))) return undefined;
  return spanOf(sliceProse(prose, match.start, match.end));
}

const negation = /\b(?:not|no|never|none|cannot|without|\w+n['’]t)\b|[不没無无非未]/gi;

/** One digit or one "not" is few characters and another statement. */
function saysTheSame(quote: string, passage: string): boolean {
  const signs = (text: string): string =>
    [...(text.match(/\d+/g) ?? []), ...(text.toLowerCase().match(negation) ?? [])].join(' ');
  return signs(quote) === signs(passage);
}

function isLongEnough(text: string): boolean {
  return text.length >= (/[\u4e00-\u9fff]/.test(text) ? minCharacters.zh : minCharacters.other);
}

const flatten = (text: string): string => text.replace(/\s+/g, ' ').trim();
