/** Sentences of the paragraphs of a document, word for word, code and lists left out. */
export function sentencesOf(text: string): string[] {
  return (
    text
      .replace(/```[^]*?(?:```|$(?![^]))|^\.\. [^]*?\n(?=\S|$(?![^]))|^[-=~^*"]{4,}$/gm, '\n\n')
      // list items are paragraphs too
      .split(/\n\s*\n|^\s*(?:[-*+]|\d+[.)])\s+/m)
      .filter((paragraph) => /^[A-Z`*\u4e00-\u9fff]/.test(paragraph))
      .flatMap((paragraph) => paragraph.match(/[A-Z`*\u4e00-\u9fff][^]*?(?:[.!?](?=\s|$)|[。！？])/g) ?? [])
      .filter((sentence) => sentence.length >= (/[\u4e00-\u9fff]/.test(sentence) ? 10 : 30) && sentence.length <= 400)
      .filter(
        (sentence) =>
          !/[<>|#]|::|!\[|\]\[|[-=~^*]{4}/.test(sentence.replace(link, '$1')) &&
          ((sentence.match(/`/g)?.length ?? 0) & 1) === 0,
      )
  );
}

/** Code blocks: fenced with a language, or as directives of reStructuredText. */
export function blocksOf(text: string): { language: string; code: string }[] {
  const fenced = [...text.matchAll(/^```(\w+)[^\n]*\n([^]*?)\n```$/gm)];
  const directives = [...text.matchAll(/^\.\. code(?:-block)?:: (\w+)\n(?: +:.*\n)*\n((?: +.*\n|\n)+)/gm)];
  return [...fenced, ...directives]
    .map(([, language = '', code = '']) => ({ language, code: code.trimEnd() }))
    .filter(({ code }) => code.trim() !== '');
}

const link = /\[([^\]]*)\]\([^)]*\)/g;

/** As a person would say it again: in one line and without marks. */
export const said = (sentence: string): string =>
  sentence
    .replaceAll(link, '$1')
    .replace(/\s+/g, ' ')
    .replaceAll(/\*\*?|__/g, '');

export const wordsOf = (text: string): Set<string> =>
  new Set([...(text.toLowerCase().match(/[a-z0-9_]{3,}/g) ?? []), ...(text.match(/[\u4e00-\u9fff]/g) ?? [])]);

/** Share of the words of one text that are in the other, 0 to 1. */
export function share(of: string, among: string): number {
  const [own, others] = [wordsOf(of), wordsOf(among)];
  return own.size === 0 ? 0 : [...own].filter((word) => others.has(word)).length / own.size;
}
