import * as chinese from './chinese.ts';
import * as english from './english.ts';

/** For each form, in lower case, the other forms of its group. A form of two groups has the others of both. */
function others(groups: readonly (readonly string[])[]): Map<string, readonly string[]> {
  const map = new Map<string, readonly string[]>();
  for (const group of groups) {
    for (const form of group) {
      const key = form.toLowerCase();
      map.set(key, [...(map.get(key) ?? []), ...group.filter((other) => other !== form)]);
    }
  }
  return map;
}

export const synonyms: ReadonlyMap<string, readonly string[]> = others([
  ...english.phrases,
  ...english.words,
  ...chinese.words,
]);
export const verbSynonyms: ReadonlyMap<string, readonly string[]> = others(english.verbs);
export const { beforeVerbs } = english;
export const droppable: ReadonlySet<string> = new Set([...english.droppable, ...chinese.droppable]);
export const light: ReadonlySet<string> = new Set([...english.light, ...chinese.light]);
export const negations: ReadonlySet<string> = new Set([...english.negations, ...chinese.negations]);
export const bound: ReadonlySet<string> = new Set([...english.bound, ...chinese.bound]);
/** of a phrase */
export const mostWords = Math.max(...english.phrases.flat().map((phrase) => phrase.split(' ').length));
