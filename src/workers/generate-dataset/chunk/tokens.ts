const cjk = /[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]/g;

/** Characters a token on average, for want of the target's tokenizer. */
const latinCharacters = 4;
const cjkCharacters = 1.5;

/** An estimate of the tokens of a text. */
export function estimateTokens(text: string): number {
  const wide = text.match(cjk)?.length ?? 0;
  return Math.ceil(wide / cjkCharacters + (text.length - wide) / latinCharacters);
}

/** `zh` when a good part of the letters are Chinese characters, else `en`: the languages that questions are asked in. */
export function languageOf(text: string): 'zh' | 'en' {
  const wide = text.match(/[\u4e00-\u9fff]/g)?.length ?? 0;
  const latin = text.match(/[A-Za-z]/g)?.length ?? 0;
  return wide * 4 > latin ? 'zh' : 'en';
}
