import { fencesOf } from './code/fences.ts';
import type { Draft, Problem } from './draft.ts';

/** in characters */
const maxAnswer = 6000;
// what a model leaves where it should have filled something in: looked for here, not left here
const placeholder =
  /\[(?:your|insert|todo|enter|add|fill|placeholder|answer|此处|在此|你的|请填写)[^\]]*\](?!\()|<(?:your|insert)[ _-][^>]*>|\blorem ipsum\b|\bTODO:|<\/?(?:document-[0-9a-f]+|question|answer|evidence)\b/i;
const machine =
  /\bas an? (?:ai|artificial intelligence|(?:large )?language model)\b|\bI(?:'m| am) (?:just )?an? (?:AI|language model)\b|作为(?:一个|一名)?(?:AI|人工智能|(?:大型?)?语言模型)/i;
const unfinished =
  /(?:[,;([{、，；（]|\b(?:and|or|but|the|a|an|to|of|with|for|from|is|are|was|in|by|that|which|because)|[的和与或及是在])$/i;

/** What is wrong with an answer whatever the documents say. */
export function checkForm({ answer, questions, reasoning = '' }: Draft): Problem | undefined {
  const text = answer.trim();
  if (text === '') return { reason: 'BAD_LENGTH', detail: 'an answer of 0 characters' };
  if (text.length > maxAnswer) return { reason: 'BAD_LENGTH', detail: `an answer of ${text.length} characters` };
  const all = [text, reasoning, ...questions];
  const held = all.find((part) => placeholder.test(withoutCode(part)));
  if (held !== undefined) return { reason: 'PLACEHOLDER', detail: held };
  const told = all.find((part) => machine.test(part));
  if (told !== undefined) return { reason: 'SPEAKS_AS_MACHINE', detail: told };
  const open = [text, ...questions].find((part) => !fencesOf(part).areBalanced);
  if (open !== undefined) return { reason: 'UNBALANCED_FENCE', detail: open };
  if (unfinished.test(withoutCode(text).trimEnd())) return { reason: 'TRUNCATED', detail: text.slice(-200) };
  return undefined;
}

const withoutCode = (text: string): string => text.replace(/```[^]*?```|`[^`\n]*`/g, '`');
