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
  /^(?:see|consult|the following|for (?:further|basic|additional|other|full|detailed)|refer to|check out|check the (?:docs|documentation)|read|visit|take a look|have a look|for more|more (?:info|detail)|example|note that this document|click)\b|\b(?:see|as (?:shown|described|mentioned|seen|explained)|shown|described|listed|mentioned|example|snippet|code|table|list|section|sections)\s+(?:\w+\s+)?(?:above|below)\b|(?<!\band )\b(?:above|below)[.:]?$|\bthe following\b[^.]*:?$|\bas follows\b|[;,] see\b|\b(?:documentation|guide|page|section) (?:outlines|describes|explains|covers|lists)\b|\bprevious (?:example|section|step|chapter)\b|\bshould first read\b|\bwant to (?:have a |take a )?look at\b|\bplease (?:see|refer|read|consult|check)\b|\bfor (?:more|further) (?:details|info|information|examples)\b|参见|详见|请见|请(?:首先)?(?:参考|参阅|查看|阅读|访问)|查看文档|这里列出|下面我们|为例.{0,6}介绍|见下|如下|下列|以下(?:几|方式|方法|途径|步骤|代码|命令|内容|参数|选项|文档|格式|列)/i;
/** what comes after is no longer part of the text: a list, a table or an example */
const open =
  /[:：,，]$|\b(?:see|like|such as|including|with|using|is|are|the|an?|by|to|of|and|or|from|than|via)$|(?:比如|例如|包括|分别[是为])$/i;
/** words that hold a place */
const placeholder =
  /^(?:to be (?:continued|done|written)|todo|tbd|wip|work in progress|coming soon)\b|^(?:待续|待补充|未完待续)/i;
/** "status: Beta, requires: Python 3": fields of a form */
const fields = /^[\w ]{3,20}: [^,:]{1,40}, (?:[^,:]{1,40}, )?[\w ]{3,20}: /;
/** greetings, questions to the reader, and announcements of the text itself */
const chatty =
  /^(?:hello|hi|welcome|thank|thanks|let'?s|let us|congrat|in this (?:\w+ )?(?:document|guide|section|page|chapter|article)|this (?:\w+ )?(?:document|guide|section|page|chapter|article|table|diagram|list|chart|figure|image)|first,? (?:of all|thank)|consider (?:an?|this|the following)|suppose|imagine|assume|say (?:you|we)|there (?:are|is) a (?:bunch|lot|few|number)|now,? |here'?s|here (?:is|are)|above|below|so,? |ok|okay|well,? |you made it)\b|\bI(?:'m|'ve| am| have| was| think| want| will)\b|[?？]$|^(?:上一[节章]|本[节章文]|在?下面|接下来|我们假设|欢迎|感谢)/i;
/** needs the sentence before it */
const dangling =
  /^(?:however|but|therefore|moreover|furthermore|also|additionally|and|then|otherwise|instead|similarly|finally|in addition|for example|for instance|that'?s|it'?s worth|they|these|those|thus|hence|as such|doing so|in (?:this|that|such a) case|in (?:this|the) example|for this reason)\b|^(?:此外|因此|所以|但是|不过|然而|另外|同时|而且|并且|它们|这些|于是|例如|比如)/i;

/** The first sentences of a text that stand on their own, or why there are none. */
export function leadAnswer(prose: Prose): Answer {
  if (prose.text === '') return { reason: 'EMPTY' };
  if (prose.linked > prose.text.length * 0.6) return { reason: 'NAVIGATION' };
  const ranges = sentenceRanges(prose.text);
  const sentences = ranges.map((range) => prose.text.slice(range.start, range.end).trim());
  const first = sentences[0] ?? '';
  if (chatty.test(first)) return { reason: 'CHATTY' };
  if (dangling.test(first)) return { reason: 'NOT_SELF_CONTAINED' };
  if (placeholder.test(first)) return { reason: 'PLACEHOLDER' };
  if (fields.test(first)) return { reason: 'METADATA' };
  let count = 0;
  let end = 0;
  for (const [index, sentence] of sentences.slice(0, maxSentences).entries()) {
    if (open.test(sentence) || pointing.test(sentence) || (index > 0 && chatty.test(sentence))) break;
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
  if (open.test(sentence)) return 'LEADS_TO_LIST';
  return pointing.test(sentence) ? 'POINTS_ELSEWHERE' : 'TOO_LONG';
}

/** Words of Latin text, and Chinese characters by pairs. A name of code tells as much as two words. */
function wordCount(text: string): number {
  const wide = text.match(/[\u4e00-\u9fff]/g)?.length ?? 0;
  const spans = text.match(/`[^`]*[\p{L}\p{N}][^`]*`/gu)?.length ?? 0;
  return (text.match(/[\p{L}\p{N}_$]+(?:[-'’]\p{L}+)*/gu)?.length ?? 0) + spans + wide / 2;
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
