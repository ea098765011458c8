import type { Question, TokenCounts } from './question.ts';

/** what chat templates put around a message, at the most */
const tokensAroundMessage = 16;

/**
 * The most that a request can cost. A token has at least one byte of text, whatever the tokenizer, so the bytes of the
 * prompt bound its tokens; an estimate would not.
 */
export function worstCase({ messages, form }: Question, maxTokens: number): TokenCounts {
  const texts = messages.map(({ content }) => Buffer.byteLength(content) + tokensAroundMessage);
  // sent as output format or in words
  const shape = form === undefined ? 0 : Buffer.byteLength(JSON.stringify(form)) + 128;
  return { input: texts.reduce((sum, bytes) => sum + bytes, shape), cachedInput: 0, output: maxTokens };
}
