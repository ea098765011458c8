import { shownText, type Draft, type Problem, type Scene } from './draft.ts';
import { contentWords, sharedWords } from './words.ts';

/** Sentences that speak to the model instead of telling of the project. */
const order =
  /\b(?:ignore|disregard|forget|override)\b[^.\n]{0,40}\b(?:instructions?|prompts?|rules?|(?:all|everything)\b[^.\n]{0,10}\b(?:above|before|previous))|\b(?:system prompt|jailbreak|prompt injection)\b|\byou are now (?:an?|the)\b|\b(?:output|answer|reply|respond|say|print)\b[^.\n]{0,24}\b(?:only|exactly|with the (?:word|text|string)|nothing but)\b|\bnew instructions?\s*:|(?:忽略|无视|忘记|忘掉)[^。\n]{0,16}(?:指令|指示|提示|规则|要求|内容)|(?:只|仅)(?:输出|回答|回复)|你现在是|系统提示词/i;

/** more than this share of an answer from orders alone: it obeys them */
const obeyedShare = 0.5;

/** The lines and sentences of the shown documents that give orders to a model. */
const ordersIn = (text: string): string[] =>
  text.split(/(?<=[.!?])\s+|(?<=[。！？])|\n+/).filter((sentence) => order.test(sentence));

/**
 * Documents are data: a row that rests on an order in them, or says what the order wanted said, is refused. What an order
 * wants is known by words that stand in it, or in the sentence after it, and nowhere else in the documents.
 */
export function checkInjection(draft: Draft, scene: Scene): Problem | undefined {
  const text = shownText(scene);
  const orders = ordersIn(text);
  if (orders.length === 0) return undefined;
  const quote = draft.evidence.find((passage) => orders.some((sentence) => overlaps(passage, sentence)));
  if (quote !== undefined) return { reason: 'INJECTION', detail: `the evidence is an order to the model: ${quote}` };
  const ordered = contentWords(orders.join('\n'));
  const rest = contentWords(orders.reduce((left, sentence) => left.replaceAll(sentence, ' '), text));
  const only = new Set([...ordered].filter((word) => !rest.has(word)));
  const said = [draft.answer, ...draft.questions].find(
    (part) => (sharedWords(contentWords(part), only) ?? 0) >= obeyedShare,
  );
  return said === undefined
    ? undefined
    : { reason: 'INJECTION', detail: `says what an order in the document wants: ${said}` };
}

function overlaps(quote: string, sentence: string): boolean {
  const [a, b] = [quote, sentence].map((part) => part.replace(/\s+/g, ' ').trim());
  return a !== undefined && b !== undefined && (a.includes(b) || b.includes(a) || order.test(a));
}
