import type { EndpointInput } from '../../../contract/inputs/generate.ts';
import type { Message } from '../../model-endpoint/question.ts';
import { estimateTokens } from '../chunk/tokens.ts';

/** another tokenizer may need more tokens than the estimate, above all for code */
const safety = 1.2;
/** what a prompt has beside the documents */
export const promptTokens = 900;
/** without a limit of the endpoint, so that a long prompt still fits the usual ones */
const usualContextTokens = 32_768;

type Limits = Pick<EndpointInput, 'maxTokens' | 'maxContextTokens'>;

/** Tokens that the answer may have; in a small context it leaves half of it to the prompt. */
export const answerTokens = ({ maxTokens, maxContextTokens }: Limits): number =>
  maxContextTokens === null ? maxTokens : Math.min(maxTokens, Math.floor(maxContextTokens / 2));

/** Whether prompt and answer fit the context of the model together, as far as it is known. */
export function fitsContext(messages: readonly Message[], limits: Limits): boolean {
  if (limits.maxContextTokens === null) return true;
  const tokens = messages.reduce((sum, { content }) => sum + estimateTokens(content), 0);
  return tokens * safety + answerTokens(limits) <= limits.maxContextTokens;
}

/** Tokens of documents that a prompt has room for. */
export function shownTokens(limits: Limits): number {
  const context = limits.maxContextTokens ?? usualContextTokens;
  return Math.max(0, Math.floor((context - answerTokens(limits)) / safety) - promptTokens);
}
