import type { TokenCounts } from './question.ts';

/** Money for a million tokens. */
export interface Prices {
  input: number;
  cachedInput: number;
  output: number;
}

export function costOf({ input, cachedInput, output }: TokenCounts, prices: Prices): number {
  return ((input - cachedInput) * prices.input + cachedInput * prices.cachedInput + output * prices.output) / 1e6;
}
