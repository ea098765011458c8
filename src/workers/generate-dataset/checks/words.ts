const stopWords = new Set(
  `a an and are as at be been but by can cannot could do does for from had has have how if in into is it its may must no
  not of on or our shall should so than that the their them then there these they this those to was we were what when
  where which who why will with would you your use used uses using also only any all each other more most such via per`.split(
    /\s+/,
  ),
);

/** The words of a text that carry meaning: Latin words without endings, and pairs of Chinese characters. */
export function contentWords(text: string): Set<string> {
  const words = new Set<string>();
  for (const [word] of text.toLowerCase().matchAll(/[\p{Script=Latin}\p{N}_$]+/gu)) {
    if (word.length > 1 && !stopWords.has(word)) words.add(stem(word));
  }
  for (const [run] of text.matchAll(/[\u3400-\u9fff]+/g)) {
    for (let at = 0; at + 1 < run.length; at += 1) words.add(run.slice(at, at + 2));
  }
  return words;
}

/** Rough, so that "starts", "started" and "starting" are one. */
const stem = (word: string): string => (word.length > 4 ? word.replace(/(?:ing|ed|es|s|ly)$/, '') : word);

/** The share of the first words that are among the second, 0 to 1; undefined without words. */
export function sharedWords(of: ReadonlySet<string>, among: ReadonlySet<string>): number | undefined {
  if (of.size === 0) return undefined;
  let shared = 0;
  for (const word of of) if (among.has(word)) shared += 1;
  return shared / of.size;
}
