import type { Asker } from './asker.ts';
import type { Form } from './form.ts';
import type { NoValue, Outcome, Paid } from './outcome.ts';
import { addTokens, noTokens, type Answer, type Message, type Question } from './question.ts';
import { readJson } from './read-json.ts';
import { PromptRejected } from './trouble.ts';

type Read<T> = { value: T } | { reason: NoValue['reason']; detail: string };

/** the end of an endless answer would cost as much again */
const shownCharacters = 2000;

/**
 * Ask for JSON. An answer that is cut is asked for again with more room, up to what the endpoint may give; one that is
 * no JSON of this form is asked for once more with the reason.
 */
export async function askFor<T>(asker: Asker, question: Omit<Question, 'form'>, form: Form<T>): Promise<Outcome<T>> {
  const paid: Paid = { usage: noTokens, cost: null, answers: 0 };
  try {
    const { name, json } = form;
    const asked = { ...question, form: { name, json } };
    const first = await askWithRoom(asker, asked, paid);
    const read = readAnswer(first, form);
    if ('value' in read || !isWorthAsking(read)) return { ...paid, ...read, content: first.content };
    asker.countRetry(read.reason === 'BAD_JSON' ? 'bad-json' : 'schema');
    const messages = [...question.messages, ...correction(first.content, read.detail)];
    const second = await askWithRoom(asker, { ...asked, messages }, paid);
    return { ...paid, ...readAnswer(second, form), content: second.content };
  } catch (error) {
    if (error instanceof PromptRejected) return { ...paid, reason: error.reason, detail: error.message };
    throw error;
  }
}

async function askWithRoom(asker: Asker, question: Question, paid: Paid): Promise<Answer> {
  for (let maxTokens = question.maxTokens ?? asker.maxTokens; ; maxTokens *= 2) {
    const answer = await asker.ask({ ...question, maxTokens });
    paid.usage = addTokens(paid.usage, answer.usage);
    paid.cost = answer.cost === null ? paid.cost : (paid.cost ?? 0) + answer.cost;
    paid.answers += 1;
    if (answer.finishReason !== 'length' || maxTokens >= asker.maxTokens) return answer;
  }
}

/** A cut answer is not mended: its last words would be wrong without a sign of it. */
function readAnswer<T>({ content, finishReason }: Answer, form: Form<T>): Read<T> {
  if (finishReason === 'content_filter') return { reason: 'REFUSED', detail: content || 'refused by the provider' };
  if (finishReason === 'length') return { reason: 'CUT', detail: `cut off after ${content.length} characters` };
  const value = readJson(content);
  if (value === undefined) return { reason: 'BAD_JSON', detail: 'it is not json' };
  const read = form.read(value);
  return 'value' in read ? read : { reason: 'BAD_SCHEMA', detail: read.problem };
}

const isWorthAsking = ({ reason }: { reason: NoValue['reason'] }): boolean =>
  reason === 'BAD_JSON' || reason === 'BAD_SCHEMA';

const correction = (content: string, problem: string): Message[] => [
  { role: 'assistant', content: content.slice(0, shownCharacters) },
  { role: 'user', content: `That is not the json I asked for: ${problem}. Answer again, with that json only.` },
];
