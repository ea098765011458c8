/** What documentation writes where a real key would stand. */
const placeholder =
  /example|your|placeholder|redacted|replace|insert|change[-_]?me|x{4}|X{4}|\*{3}|\.{3}|…|<[^>]*>|\$\{|\{\{|\b(dummy|fake|sample)/i;
/** words that no generator of random values writes, for values that are a key by their looks alone */
const wordy = /pass(word|wd)|secret|test|token|key|foo|bar|abc(def)?|12345|qwerty|(.)\3{3}|0123/i;

export const isPlaceholder = (value: string): boolean => placeholder.test(value);

/**
 * Whether a value looks drawn at random: all of small letters, capitals and digits, few repetitions, no words.
 * `leastEntropy` is in bits a character; random base64 of 32 characters has about 4.5.
 */
export function looksRandom(value: string, leastEntropy = 3.8): boolean {
  const isMixed = /[a-z]/.test(value) && /[A-Z]/.test(value) && /\d/.test(value);
  return isMixed && !isPlaceholder(value) && !wordy.test(value) && entropy(value) >= leastEntropy;
}

/** Shannon's entropy, bits a character. */
function entropy(value: string): number {
  const counts = new Map<string, number>();
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / value.length) * Math.log2(count / value.length);
  return bits;
}
