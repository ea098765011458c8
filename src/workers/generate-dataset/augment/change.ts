import { isSentenceStart, join, likeCase, type Piece } from './pieces.ts';
import { beforeVerbs, bound, droppable, light, mostWords, negations, synonyms, verbSynonyms } from './words/groups.ts';

export type Change = 'synonym' | 'swap' | 'delete';

/** All questions that one change of a kind can make of this one, in a fixed order. */
export function changesOf(change: Change, pieces: readonly Piece[]): string[] {
  const makers = { synonym: withSynonyms, swap: withSwaps, delete: withoutWord };
  return makers[change](pieces).map(join);
}

const lower = (piece: Piece | undefined): string => piece?.text.toLowerCase().replaceAll('’', "'") ?? '';
const isWord = (piece: Piece | undefined): piece is Piece => piece?.kind === 'word';
const isChinese = ({ text }: Piece): boolean => /^\p{Script=Han}/u.test(text);

function withSynonyms(pieces: readonly Piece[]): Piece[][] {
  return pieces.flatMap((_, start) =>
    phrasesAt(pieces, start).flatMap(({ phrase, end }) => {
      const first = pieces[start];
      const found = [
        ...(synonyms.get(phrase) ?? []),
        ...(isVerb(pieces, start) ? (verbSynonyms.get(phrase) ?? []) : []),
      ];
      if (first === undefined) return [];
      return found.map((other) => {
        const text = likeCase(other, first.text);
        const rest: Piece = { text, kind: 'word' };
        return [...withArticle(pieces.slice(0, start), text), rest, ...pieces.slice(end)];
      });
    }),
  );
}

/** The words from `start` on, joined to phrases of one word, two words and so on. */
function phrasesAt(pieces: readonly Piece[], start: number): { phrase: string; end: number }[] {
  const phrases: { phrase: string; end: number }[] = [];
  let phrase = '';
  for (let at = start; phrases.length < mostWords; at += 2) {
    const piece = pieces[at];
    if (!isWord(piece)) break;
    phrase = phrase === '' ? lower(piece) : `${phrase} ${lower(piece)}`;
    phrases.push({ phrase, end: at + 1 });
    if (pieces[at + 1]?.text !== ' ') break;
  }
  return phrases;
}

const isVerb = (pieces: readonly Piece[], at: number): boolean => {
  const before = pieces[at - 2];
  if (isSentenceStart(pieces.slice(0, at))) return true;
  return isWord(before) && pieces[at - 1]?.kind === 'space' && beforeVerbs.has(lower(before));
};

/** "an option" but "a setting" */
function withArticle(before: readonly Piece[], next: string): Piece[] {
  const article = before.at(-2);
  if (!isWord(article) || !/^an?$/i.test(article.text)) return [...before];
  const fitting = likeCase(/^[aeiou]/i.test(next) ? 'an' : 'a', article.text);
  return [...before.slice(0, -2), { ...article, text: fitting }, ...before.slice(-1)];
}

/** Two neighbours change places, one of which carries no sense of its own. The first word of a sentence stays. */
function withSwaps(pieces: readonly Piece[]): Piece[][] {
  return pieces.flatMap((piece, at) => {
    const next = isWord(piece) && isChinese(piece) ? at + 1 : at + 2;
    const other = pieces[next];
    if (!isWord(piece) || !isWord(other) || isChinese(piece) !== isChinese(other)) return [];
    const isApart = next === at + 1 || pieces[at + 1]?.text === ' ';
    const isLight = light.has(lower(piece)) || light.has(lower(other));
    const isBound = bound.has(lower(piece)) || bound.has(lower(other));
    const isFirst = !isChinese(piece) && isSentenceStart(pieces.slice(0, at));
    if (!isApart || !isLight || isBound || isFirst || isDenied(pieces, at) || piece.text === other.text) return [];
    return [pieces.map((own, index) => (index === at ? other : index === next ? piece : own))];
  });
}

const isDenied = (pieces: readonly Piece[], at: number): boolean =>
  negations.has(lower(pieces[at - 1])) || (pieces[at - 1]?.text === ' ' && negations.has(lower(pieces[at - 2])));

function withoutWord(pieces: readonly Piece[]): Piece[][] {
  return pieces.flatMap((piece, at) => {
    if (!isWord(piece) || !droppable.has(lower(piece))) return [];
    // one of the two spaces around it goes too
    const isSpaced = pieces[at + 1]?.kind === 'space';
    const rest = pieces.slice(isSpaced ? at + 2 : at + 1);
    const [first] = rest;
    if (!isWord(first)) return [];
    return [[...pieces.slice(0, at), { ...first, text: likeCase(first.text, piece.text) }, ...rest.slice(1)]];
  });
}
