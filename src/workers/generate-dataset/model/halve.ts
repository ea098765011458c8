import type { Piece } from './material.ts';

/** smaller parts say nothing */
const leastCharacters = 400;

/**
 * Cut what is too long for the model in two: several pieces between two of them, one piece at the blank line nearest to
 * its middle that lies outside fenced code, else at a line end. Undefined where nothing can be cut.
 */
export function halve(pieces: readonly Piece[], textOf: (piece: Piece) => string): [Piece[], Piece[]] | undefined {
  if (pieces.length > 1) {
    const middle = Math.ceil(pieces.length / 2);
    return [pieces.slice(0, middle), pieces.slice(middle)];
  }
  const [piece] = pieces;
  if (piece === undefined || piece.end - piece.start < 2 * leastCharacters) return undefined;
  const at = cutPlace(textOf(piece));
  if (at === undefined) return undefined;
  const middle = piece.start + at;
  return [[{ ...piece, end: middle }], [{ ...piece, start: middle }]];
}

function cutPlace(text: string): number | undefined {
  const places = { blank: [] as number[], line: [] as number[] };
  let isInFence = false;
  for (const { 0: line, index } of text.matchAll(/[^\n]*\n/g)) {
    if (/^\s*(?:```|~~~)/.test(line)) isInFence = !isInFence;
    const end = index + line.length;
    if (isInFence || end < leastCharacters || end > text.length - leastCharacters) continue;
    (line.trim() === '' ? places.blank : places.line).push(end);
  }
  const nearest = (list: number[]): number | undefined =>
    list.toSorted((a, b) => Math.abs(a - text.length / 2) - Math.abs(b - text.length / 2))[0];
  return nearest(places.blank) ?? nearest(places.line);
}
