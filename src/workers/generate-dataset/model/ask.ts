import type { Form } from '../../model-endpoint/form.ts';
import type { Outcome } from '../../model-endpoint/outcome.ts';
import type { Shown } from '../prompts/documents.ts';
import { answerTokens, fitsContext } from './context.ts';
import { messagesOf, type Desk } from './desk.ts';

export interface Request<T> {
  shown: readonly Shown[];
  task: string;
  form: Form<T>;
  temperature: number;
}

/** What came of a request: a value, or the reason why there is none. `cost` is 0 without prices. */
export type Asked<T> = { value: T; cost: number } | { reason: string; detail: string; cost: number };

/** Ask the writing model; a prompt that is too long for it is not sent. */
export async function askWriter<T>({ settings, templates, asker }: Desk, request: Request<T>): Promise<Asked<T>> {
  const messages = messagesOf(templates.fill('write-system'), request.shown, request.task);
  if (!fitsContext(messages, settings)) {
    const detail = `more than spec.generator.openai.maxContextTokens ${settings.maxContextTokens ?? 0}`;
    return { reason: 'TOO_LONG_FOR_MODEL', detail, cost: 0 };
  }
  const question = { messages, temperature: request.temperature, maxTokens: answerTokens(settings) };
  return toAsked(await asker.askFor(question, request.form));
}

const toAsked = <T>(outcome: Outcome<T>): Asked<T> => {
  const cost = outcome.cost ?? 0;
  return 'value' in outcome ? { value: outcome.value, cost } : { reason: outcome.reason, detail: outcome.detail, cost };
};
