export interface Message {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

/** The JSON that an answer must be. */
export interface JsonForm {
  name: string;
  /** JSON schema; strict endpoints want every property required and no others allowed */
  json: Record<string, unknown>;
}

export interface Question {
  messages: Message[];
  /** without one the answer is free text */
  form?: JsonForm;
  temperature: number;
  /** tokens that the answer may have; never more than the endpoint's own `maxTokens`, which is the default */
  maxTokens?: number;
  /** tells apart several answers to the same question */
  seedIndex?: number;
}

export interface TokenCounts {
  input: number;
  /** the part of `input` that the provider had in its cache */
  cachedInput: number;
  output: number;
}

export const noTokens: Readonly<TokenCounts> = { input: 0, cachedInput: 0, output: 0 };

export const addTokens = (a: TokenCounts, b: TokenCounts): TokenCounts => ({
  input: a.input + b.input,
  cachedInput: a.cachedInput + b.cachedInput,
  output: a.output + b.output,
});

/** `length`: cut off at `maxTokens`; `content_filter`: refused by provider or model */
export type FinishReason = 'stop' | 'length' | 'content_filter';

/** What an endpoint answered, as far as it is worth keeping. */
export interface Reply {
  /** with `content_filter` the words of the refusal, if any */
  content: string;
  /** what a reasoning model thought, which is no part of the answer */
  reasoning?: string;
  finishReason: FinishReason;
  usage: TokenCounts;
}

export interface Answer extends Reply {
  /** in the unit of the prices; null without prices */
  cost: number | null;
  /** whether it was found in the cache, so that nothing was paid now */
  isCached: boolean;
}
