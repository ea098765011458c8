import { shownText, type Draft, type Problem, type Scene } from './draft.ts';

const shingleWords = 7;

/** Runs of words of a text, to find it again in another. */
export function shinglesOf(text: string): Set<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const shingles = new Set<string>();
  for (let at = 0; at + shingleWords <= words.length; at += 1)
    shingles.add(words.slice(at, at + shingleWords).join(' '));
  return shingles;
}

/** A row must not repeat the prompt, unless the documents happen to say the same. */
export function checkCopied({ answer, questions }: Draft, scene: Scene): Problem | undefined {
  for (const part of [answer, ...questions]) {
    const copied = [...shinglesOf(part)].filter((shingle) => scene.promptWords.has(shingle));
    if (copied.length === 0) continue;
    const known = shinglesOf(shownText(scene));
    const own = copied.find((shingle) => !known.has(shingle));
    if (own !== undefined) return { reason: 'COPIED_PROMPT', detail: `repeats the prompt: ${own}` };
  }
  return undefined;
}
