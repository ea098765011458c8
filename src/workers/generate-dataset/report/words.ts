/** Words of Latin script, and single Chinese characters: what n-grams are made of. */
export const wordsOf = (text: string): string[] => text.toLowerCase().match(/\p{Script=Han}|[\p{L}\p{N}_]+/gu) ?? [];

export function* gramsOf(words: readonly string[], size: number): Generator<string> {
  for (let start = 0; start + size <= words.length; start += 1) yield words.slice(start, start + size).join(' ');
}

/** Different n-grams by all n-grams, 0 to 1; null if there are none. */
export function distinctShare(texts: readonly (readonly string[])[], size: number): number | null {
  const different = new Set<string>();
  let all = 0;
  for (const words of texts) {
    for (const gram of gramsOf(words, size)) {
      different.add(gram);
      all += 1;
    }
  }
  return all === 0 ? null : different.size / all;
}
