import TinyQueue from 'tinyqueue';

export interface TokenDraw {
  /** `share` from 0 to 1 decides: the smallest ones stay. */
  add(ordinal: number, tokens: number, share: number): void;
  /** The drawn items in order, and their tokens. */
  drawn(): { ordinals: number[]; tokens: number };
}

/**
 * An even draw from a stream of unknown length: the items with the smallest shares that together have at least `room`
 * tokens, and not one more. Memory grows with what is drawn, not with what is read.
 */
export function createTokenDraw(room: number): TokenDraw {
  const largestFirst = new TinyQueue<{ ordinal: number; tokens: number; share: number }>(
    [],
    (a, b) => b.share - a.share || b.ordinal - a.ordinal,
  );
  let sum = 0;
  return {
    add(ordinal, tokens, share) {
      largestFirst.push({ ordinal, tokens, share });
      sum += tokens;
      for (let top = largestFirst.peek(); top !== undefined && sum - top.tokens >= room; top = largestFirst.peek()) {
        largestFirst.pop();
        sum -= top.tokens;
      }
    },
    drawn: () => ({ ordinals: largestFirst.data.map(({ ordinal }) => ordinal).sort((a, b) => a - b), tokens: sum }),
  };
}
