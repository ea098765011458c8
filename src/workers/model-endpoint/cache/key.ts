import { createHash } from 'node:crypto';
import type { EndpointInput } from '../../../contract/inputs.ts';
import type { Question } from '../question.ts';

/** raise it when the same key would stand for another request */
const version = 2;

/** Everything that an answer depends on, as 64 hex digits. */
export function answerKey(
  { baseURL, model }: Pick<EndpointInput, 'baseURL' | 'model'>,
  { messages, form, temperature, seedIndex = 0 }: Question,
  maxTokens: number,
): string {
  const asked = messages.map(({ role, content }) => [role, content]);
  const shape = form === undefined ? null : [form.name, form.json];
  const content = JSON.stringify([version, baseURL, model, temperature, maxTokens, asked, shape, seedIndex]);
  return createHash('sha256').update(content).digest('hex');
}
