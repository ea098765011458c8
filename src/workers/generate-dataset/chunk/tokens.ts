export interface Message {
  role: string;
  content: string;
}

/** What counts tokens. */
export interface Tokenizer {
  /** `estimate`, or which one it is */
  name: string;
  count: (text: string) => number;
  /** tokens of a conversation with all that the chat template puts around its messages */
  chatTokens: (messages: readonly Message[]) => number;
  /** a conversation as its chat template writes it, where it has one; throws for messages that the template refuses */
  renderChat?: (messages: readonly Message[]) => string;
}

/** Chinese, Japanese and Korean characters, each of which is about a word; for use in a character class. */
export const wideCharacters = '\\u3040-\\u30ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uac00-\\ud7af\\uf900-\\ufaff';
const wide = new RegExp(`[${wideCharacters}]`, 'g');

/** Characters a token on average, for want of the target's tokenizer. */
const latinWidth = 4;
const wideWidth = 1.5;
/** marks around one message and the name of its role, in the templates of well-known models */
const tokensPerMessage = 5;

/** An estimate of the tokens of a text. */
export function estimateTokens(text: string): number {
  const count = text.match(wide)?.length ?? 0;
  return Math.ceil(count / wideWidth + (text.length - count) / latinWidth);
}

/** Tokens of a conversation for want of a chat template. */
export const countMessages = (messages: readonly Message[], count: Tokenizer['count']): number =>
  messages.reduce((sum, { content }) => sum + tokensPerMessage + count(content), 0);

export const estimator: Tokenizer = {
  name: 'estimate',
  count: estimateTokens,
  chatTokens: (messages) => countMessages(messages, estimateTokens),
};

/** `zh` when a good part of the letters are Chinese characters, else `en`: the languages that questions are asked in. */
export function languageOf(text: string): 'zh' | 'en' {
  const chinese = text.match(/[\u4e00-\u9fff]/g)?.length ?? 0;
  const latin = text.match(/[A-Za-z]/g)?.length ?? 0;
  return chinese * 4 > latin ? 'zh' : 'en';
}
