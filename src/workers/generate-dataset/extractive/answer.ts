import { sliceProse, spanOf, type Prose, type Span } from '../parse/prose.ts';
import { sentenceRanges } from '../parse/sentences.ts';

/** Limits of a prose answer: a small model learns first sentences, not pages. */
const maxCharacters = 400;
const maxWords = 70;
const maxSentences = 3;
const minWords = 3;

export type Answer = { text: string; evidence: Span } | { reason: string };

/** sentences that send the reader elsewhere, and all after them, are no answer */
const pointing =
  /^(?:see|refer to|check out|check the (?:docs|documentation)|read|visit|take a look|have a look|for more|more (?:info|detail)|example|note that this document|click)\b|\b(?:see|as (?:shown|described|mentioned|seen|explained)|shown|described|listed|mentioned|example|snippet|code|table|list|section|sections)\s+(?:\w+\s+)?(?:above|below)\b|(?<!\band )\b(?:above|below)[.:]?$|\bthe following\b[^.]*:?$|\bas follows\b|^参见|^请参阅|如下|见下/i;
/** greetings and announcements of the text itself */
const chatty =
  /^(?:hello|hi|welcome|thank|thanks|let'?s|let us|congrat|in this (?:document|guide|section|page|chapter|article)|this (?:document|guide|section|page|chapter|article|table|diagram|list|chart|figure|image)|first of all|now,? |here'?s|here (?:is|are)|above|below|so,? |ok|okay|well,? |you made it)\b/i;
/** needs the sentence before it */
const dangling =
  /^(?:however|but|therefore|moreover|furthermore|also|additionally|and|then|otherwise|instead|similarly|finally|in addition|for example|for instance|that'?s|it'?s worth)\b/i;

/** The first sentences of a text that stand on their own, or why there are none. */
export function leadAnswer(prose: Prose): Answer {
  if (prose.text === '') return { reason: 'EMPTY' };
  if (prose.linked > prose.text.length * 0.6) return { reason: 'NAVIGATION' };
  const ranges = sentenceRanges(prose.text);
  const sentences = ranges.map((range) => prose.text.slice(range.start, range.end).trim());
  const first = sentences[0] ?? '';
  if (chatty.test(first)) return { reason: 'CHATTY' };
  if (dangling.test(first)) return { reason: 'NOT_SELF_CONTAINED' };
  let count = 0;
  let end = 0;
  for (const [index, sentence] of sentences.slice(0, maxSentences).entries()) {
    if (/[:：,，]$/.test(sentence) || pointing.test(sentence) || (index > 0 && chatty.test(sentence))) break;
    const range = ranges[index];
    if (range === undefined || range.end > maxCharacters || wordCount(prose.text.slice(0, range.end)) > maxWords) break;
    [count, end] = [count + 1, range.end];
  }
  if (count === 0) return { reason: reasonOf(first) };
  const answer = sliceProse(prose, 0, end);
  if (wordCount(answer.text) < minWords) return { reason: 'TOO_SHORT' };
  const evidence = spanOf(answer);
  return evidence === undefined ? { reason: 'EMPTY' } : { text: answer.text, evidence };
}

function reasonOf(sentence: string): string {
  if (/[:：,，]$/.test(sentence)) return 'LEADS_TO_LIST';
  return pointing.test(sentence) ? 'POINTS_ELSEWHERE' : 'TOO_LONG';
}

/** Words of Latin text, and Chinese characters by pairs. */
function wordCount(text: string): number {
  const wide = text.match(/[\u4e00-\u9fff]/g)?.length ?? 0;
  return (text.match(/[\p{L}\p{N}_$`]+/gu)?.length ?? 0) + wide / 2;
}

/** Every word of the answer stands in the quote, in the same order: nothing was added to the document's own text. */
export function isGrounded(answer: string, quote: string): boolean {
  let at = 0;
  for (const word of answer.match(/[\p{L}\p{N}_$]+/gu) ?? []) {
    const found = quote.indexOf(word, at);
    if (found === -1) return false;
    at = found + word.length;
  }
  return true;
}
