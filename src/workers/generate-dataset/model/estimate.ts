/** How much work units are. */
export interface Extent {
  units: number;
  rows: number;
  /** estimated tokens of the first request of each unit */
  promptTokens: number;
}

export interface Spent {
  requests: number;
  inputTokens: number;
  outputTokens: number;
  cost: number | null;
}

/**
 * What the whole would need, from what a sample of it took: requests and output grow with the rows planned, input with
 * the tokens of the prompts. `cost` is null without prices; its parts are not known, so it grows with all tokens.
 */
export function estimateWhole({ usage, planned, whole }: { usage: Spent; planned: Extent; whole: Extent }): {
  requests: number;
  tokens: number;
  cost: number | null;
} {
  const byRows = ratio(whole.rows, planned.rows);
  const input = usage.inputTokens * ratio(whole.promptTokens, planned.promptTokens);
  const tokens = input + usage.outputTokens * byRows;
  const spent = usage.inputTokens + usage.outputTokens;
  return {
    requests: Math.ceil(usage.requests * ratio(whole.units, planned.units)),
    tokens: Math.ceil(tokens),
    cost: usage.cost === null ? null : usage.cost * ratio(tokens, spent),
  };
}

/** A sample of nothing says nothing: the whole then counts as the sample. */
const ratio = (whole: number, part: number): number => (part > 0 ? whole / part : 1);
