/** Sentences of the paragraphs of a document, word for word, code and lists left out. */
export function sentencesOf(text: string): string[] {
  return (
    text
      .replace(/```[^]*?(?:```|$)/g, '\n\n')
      // list items are paragraphs too
      .split(/\n\s*\n|^\s*(?:[-*+]|\d+[.)])\s+/m)
      .filter((paragraph) => /^[A-Z`*\u4e00-\u9fff]/.test(paragraph))
      .flatMap((paragraph) => paragraph.match(/[A-Z`*\u4e00-\u9fff][^]*?(?:[.!?](?=\s|$)|[。！？])/g) ?? [])
      .filter((sentence) => sentence.length >= (/[\u4e00-\u9fff]/.test(sentence) ? 10 : 30) && sentence.length <= 400)
      .filter((sentence) => !/[[\]<>|#]|::/.test(sentence) && ((sentence.match(/`/g)?.length ?? 0) & 1) === 0)
  );
}

/** Fenced code blocks with a language that is a program's. */
export const blocksOf = (text: string): { language: string; code: string }[] =>
  [...text.matchAll(/^```(\w+)[^\n]*\n([^]*?)\n```$/gm)]
    .map(([, language = '', code = '']) => ({ language, code }))
    .filter(({ code }) => code.trim() !== '');

/** As a person would say it again: in one line and without marks. */
export const said = (sentence: string): string => sentence.replace(/\s+/g, ' ').replaceAll(/\*\*?|__/g, '');

export const wordsOf = (text: string): Set<string> =>
  new Set([...(text.toLowerCase().match(/[a-z0-9_]{3,}/g) ?? []), ...(text.match(/[\u4e00-\u9fff]/g) ?? [])]);

/** Share of the words of one text that are in the other, 0 to 1. */
export function share(of: string, among: string): number {
  const [own, others] = [wordsOf(of), wordsOf(among)];
  return own.size === 0 ? 0 : [...own].filter((word) => others.has(word)).length / own.size;
}
