import type { Asker } from '../../model-endpoint/open-asker.ts';
import { asData, showDocuments, type Shown } from '../prompts/documents.ts';
import type { Templates } from '../prompts/load.ts';
import { comparisonExample, comparisonForm, foundExample, foundForm } from './forms.ts';

export interface Trip {
  project: string;
  /** as the prompt names it, such as "English" */
  language: string;
  shown: readonly Shown[];
  question: string;
  answer: string;
}

export type TripResult = { fault: { reason: string; detail: string } | undefined; cost: number };

/** Let a second model find the answer in the documents by itself, and compare: what it can not find is not in there. */
export async function roundTrip(asker: Pick<Asker, 'askFor'>, templates: Templates, trip: Trip): Promise<TripResult> {
  const { project, language, question, shown } = trip;
  const task = templates.fill('round-trip', { project, language, question, example: foundExample });
  const system = { role: 'system' as const, content: templates.fill('write-system') };
  const messages = [system, { role: 'user' as const, content: `${showDocuments(shown)}\n\n${task}` }];
  const found = await asker.askFor({ messages, temperature: 0 }, foundForm);
  const cost = found.cost ?? 0;
  if (!('value' in found)) return { fault: found, cost };
  if (!found.value.answerable) return { fault: { reason: 'NOT_FOUND_AGAIN', detail: question }, cost };
  const compared = await compare(asker, templates, trip, found.value.answer);
  return { ...compared, cost: cost + compared.cost };
}

async function compare(
  asker: Pick<Asker, 'askFor'>,
  templates: Templates,
  { project, question, answer }: Trip,
  second: string,
): Promise<TripResult> {
  const values = { project, question: asData(question), first: asData(answer), second: asData(second) };
  const content = templates.fill('compare', { ...values, example: comparisonExample });
  const compared = await asker.askFor({ messages: [{ role: 'user', content }], temperature: 0 }, comparisonForm);
  const cost = compared.cost ?? 0;
  if (!('value' in compared)) return { fault: compared, cost };
  if (compared.value.same) return { fault: undefined, cost };
  return { fault: { reason: 'OTHER_ANSWER', detail: `${compared.value.reason}: ${second}` }, cost };
}
