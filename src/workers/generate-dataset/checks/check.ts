import type { Evidence } from '../fact.ts';
import { checkCode } from './code/check.ts';
import { checkCopied } from './copied.ts';
import type { Check, Draft, Problem, Scene } from './draft.ts';
import { locateQuote } from './evidence.ts';
import { checkForm } from './form.ts';
import { checkInjection } from './injection.ts';
import { checkLanguage } from './language.ts';
import { usableQuestions } from './questions.ts';
import { checkRefusing } from './refusing.ts';
import { checkSupport } from './support.ts';
import { checkSymbols } from './symbols/check.ts';

/** What stood all checks. */
export interface Checked {
  questions: string[];
  evidence: Evidence[];
}

/** the reason that helps most comes first */
const checks: readonly Check[] = [
  checkForm,
  checkCopied,
  checkInjection,
  checkLanguage,
  checkRefusing,
  checkSupport,
  checkCode,
  checkSymbols,
];

/** Nothing is believed that the shown documents do not say. Each turn of a conversation stands by its own evidence. */
export async function checkDraft(draft: Draft, scene: Scene): Promise<Checked | { problem: Problem }> {
  const turns = draft.earlier ?? [];
  const evidence: Evidence[] = [];
  for (const [index, { question, ...rest }] of turns.entries()) {
    const turn = { ...draft, ...rest, questions: [question], earlier: turns.slice(0, index) };
    const checked = await checkTurn(turn, scene);
    if ('problem' in checked) return checked;
    evidence.push(...checked.evidence);
  }
  const last = await checkTurn(draft, scene);
  return 'problem' in last ? last : { ...last, evidence: [...evidence, ...last.evidence] };
}

async function checkTurn(draft: Draft, scene: Scene): Promise<Checked | { problem: Problem }> {
  const { usable, problem } = usableQuestions(draft, scene);
  if (problem !== undefined) return { problem };
  const kept = { ...draft, questions: usable };
  const evidence = await locateAll(draft.evidence, scene);
  if ('problem' in evidence) return evidence;
  for (const check of checks) {
    const found = await check(kept, scene);
    if (found !== undefined) return { problem: found };
  }
  return { questions: usable, evidence: evidence.spans };
}

async function locateAll(
  quotes: readonly string[],
  { passages }: Scene,
): Promise<{ spans: Evidence[] } | { problem: Problem }> {
  if (quotes.length === 0) return { problem: { reason: 'NO_EVIDENCE', detail: 'no quote' } };
  const spans: Evidence[] = [];
  for (const quote of quotes) {
    const found = await locateQuote(quote, passages);
    if (found.length === 0) return { problem: { reason: 'NO_EVIDENCE', detail: quote } };
    spans.push(...found);
  }
  return { spans };
}
