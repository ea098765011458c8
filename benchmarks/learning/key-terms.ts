/**
 * The rule by which an answer counts as known, fixed before any result was looked at. Pure.
 *
 * Key terms of a reference answer are its numbers and its names: what is written as code is (`code`, camelCase,
 * snake_case, dotted.names, ALL CAPS, letters with digits) and has at least three letters. Keywords of languages are none, and neither is what the
 * question tells already. An answer holds the key terms if it has at least half of them, as whole words, letter by
 * letter. A question without key terms is not asked.
 */

const leastShare = 0.5;
const leastLetters = 3;

const keywords = new Set(
  `async await case catch class const default else export false finally for from function if import let new null
  require return static this throw true try undefined var while`.split(/\s+/),
);

const fence = /^ {0,3}(?:`{3,}|~{3,}).*$/gm;
const codeParts = /^ {0,3}(`{3,}|~{3,}).*\n([\s\S]*?)^ {0,3}\1|`([^`\n]+)`/gm;
/** a word may hold dots, hyphens and slashes between its letters */
const word = /[\p{L}\p{N}_$]+(?:[.\-/][\p{L}\p{N}_$]+)*/gu;

const wordsOf = (text: string): string[] => text.match(word) ?? [];
const isNumber = (text: string): boolean => /^\p{N}/u.test(text);
const isWrittenAsCode = (text: string): boolean =>
  /\p{Ll}\p{Lu}/u.test(text) ||
  /\p{L}[_.]\p{L}/u.test(text) ||
  /\p{L}.*\p{N}/u.test(text) ||
  /^\p{Lu}{2,}s?$/u.test(text);
const isName = (text: string): boolean =>
  (text.match(/\p{L}/gu) ?? []).length >= leastLetters && !keywords.has(text.toLowerCase());

/** Terms of a reference answer that the question does not tell, each once, in their order. */
export function keyTerms(question: string, reference: string): string[] {
  const inCode = [...reference.matchAll(codeParts)].flatMap(([, , block, span]) => wordsOf(block ?? span ?? ''));
  const code = new Set(inCode.filter((text) => isName(text)));
  const terms = wordsOf(reference.replace(fence, '')).filter(
    (text) => isNumber(text) || code.has(text) || (isWrittenAsCode(text) && isName(text)),
  );
  const told = new Set(wordsOf(question.toLowerCase()).flatMap((text) => [text, ...text.split(/[.\-/]/)]));
  return [...new Set(terms)].filter((term) => !told.has(term.toLowerCase()));
}

/** Whether an answer has at least half of the terms. Throws without any term. */
export function holdsKeyTerms(terms: readonly string[], answer: string): boolean {
  if (terms.length === 0) throw new Error('a question without key terms cannot be judged');
  const words = new Set(wordsOf(answer));
  return terms.filter((term) => words.has(term)).length >= leastShare * terms.length;
}
