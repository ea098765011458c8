/** How much work units are. */
export interface Extent {
  units: number;
  rows: number;
  /** estimated tokens of the first request of each unit */
  promptTokens: number;
}

/** What the sample took; answers of the store count as those that were paid now, since the whole has more to ask. */
export interface Spent {
  requests: number;
  tokens: { input: number; output: number };
  cost: number | null;
}

/**
 * What the whole would need, from what a sample of it took: requests and output grow with the rows planned, input with
 * the tokens of the prompts. `cost` is null without prices; its parts are not known, so it grows with all tokens.
 */
export function estimateWhole({ met, planned, whole }: { met: Spent; planned: Extent; whole: Extent }): {
  requests: number;
  tokens: number;
  cost: number | null;
} {
  const byRows = ratio(whole.rows, planned.rows);
  const input = met.tokens.input * ratio(whole.promptTokens, planned.promptTokens);
  const tokens = input + met.tokens.output * byRows;
  const spent = met.tokens.input + met.tokens.output;
  return {
    requests: Math.ceil(met.requests * ratio(whole.units, planned.units)),
    tokens: Math.ceil(tokens),
    cost: met.cost === null ? null : met.cost * ratio(tokens, spent),
  };
}

/** A sample of nothing says nothing: the whole then counts as the sample. */
const ratio = (whole: number, part: number): number => (part > 0 ? whole / part : 1);
