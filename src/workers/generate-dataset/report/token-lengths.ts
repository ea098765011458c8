import type { Report } from '../../../contract/report.ts';
import type { Row } from '../../../contract/rows.ts';
import { createDistribution } from './quantiles.ts';

/** values of `maxLength` that are often chosen */
const limits = [512, 1024, 2048, 4096, 8192];

export interface TokenMeter {
  observe(row: Row): void;
  finish(tokenizer: string | null): Report['tokens'];
}

/** Tokens of a whole conversation, with what the chat template puts around its messages. */
export type ChatTokens = (messages: Row['messages']) => number;

/** Lengths of rows in tokens, to choose `maxLength` by. Without `chatTokens` a whole row is the sum of its texts. */
export function createTokenLengths(chatTokens?: ChatTokens): TokenMeter {
  const [prompt, answer, total] = [createDistribution(), createDistribution(), createDistribution()];
  return {
    observe({ tokens, messages }) {
      if (tokens === undefined) return;
      prompt.add(tokens.prompt);
      answer.add(tokens.answer);
      total.add(chatTokens?.(messages) ?? tokens.prompt + tokens.answer);
    },
    finish(tokenizer) {
      if (tokenizer === null || total.count() === 0) return null;
      return {
        tokenizer,
        prompt: prompt.quantiles(),
        answer: answer.quantiles(),
        total: total.quantiles(),
        over: limits.map((limit) => {
          const rows = total.above(limit);
          return { limit, rows, share: rows / total.count() };
        }),
      };
    },
  };
}
