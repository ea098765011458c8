/**
 * The range of `text` with the least edit distance to `wanted`, if that is at most `limit`: the dynamic programme of
 * Sellers, in which a match may begin anywhere. Time and comparisons are the product of both lengths.
 */
export function nearestMatch(
  wanted: string,
  text: string,
  limit: number,
): { start: number; end: number; distance: number } | undefined {
  if (limit < 1 || text.length + limit < wanted.length) return undefined;
  const rows = wanted.length + 1;
  // column by column: the distance of each prefix of `wanted`, and where its match began
  let distance = Int32Array.from({ length: rows }, (_, row) => row);
  let begin = new Int32Array(rows);
  let [nextDistance, nextBegin] = [new Int32Array(rows), new Int32Array(rows)];
  let best: { start: number; end: number; distance: number } | undefined;
  for (let column = 1; column <= text.length; column += 1) {
    nextDistance[0] = 0;
    nextBegin[0] = column;
    for (let row = 1; row < rows; row += 1) {
      const isSame = wanted.charCodeAt(row - 1) === text.charCodeAt(column - 1);
      let least = (distance[row - 1] ?? 0) + (isSame ? 0 : 1);
      let from = begin[row - 1] ?? 0;
      const skipped = (distance[row] ?? 0) + 1;
      if (skipped < least) [least, from] = [skipped, begin[row] ?? 0];
      const added = (nextDistance[row - 1] ?? 0) + 1;
      if (added < least) [least, from] = [added, nextBegin[row - 1] ?? 0];
      nextDistance[row] = least;
      nextBegin[row] = from;
    }
    const reached = nextDistance[rows - 1] ?? rows;
    if (reached <= limit && reached < (best?.distance ?? rows))
      best = { start: nextBegin[rows - 1] ?? 0, end: column, distance: reached };
    [distance, nextDistance] = [nextDistance, distance];
    [begin, nextBegin] = [nextBegin, begin];
  }
  return best;
}
