import type { ChatCompletionCreateParamsNonStreaming } from 'openai/resources';
import type { Dialect, Format } from './dialect.ts';
import type { JsonForm, Message, Question } from './question.ts';

/** A question as the body of a request. `maxTokens` is what the answer may have. */
export function renderRequest(
  model: string,
  { messages, form, temperature }: Question,
  maxTokens: number,
  dialect: Dialect,
): ChatCompletionCreateParamsNonStreaming {
  return {
    model,
    messages: form === undefined ? messages : withForm(messages, form, dialect.format),
    ...(dialect.hasTemperature ? { temperature } : {}),
    [dialect.tokenLimit]: maxTokens,
    ...(form === undefined ? {} : responseFormat(form, dialect.format)),
  };
}

function responseFormat({ name, json }: JsonForm, format: Format) {
  if (format === 'text') return {};
  if (format === 'json_object') return { response_format: { type: 'json_object' } as const };
  return { response_format: { type: 'json_schema', json_schema: { name, schema: json, strict: true } } as const };
}

/**
 * Say in words what the output format does not say. It goes behind the last message, where it leaves the prefix that
 * providers cache as it is. Providers refuse the format `json_object` unless the prompt has the word "json".
 */
function withForm(messages: readonly Message[], { json }: JsonForm, format: Format): Message[] {
  const last = messages.at(-1);
  const isSaid =
    format === 'json_schema' || (format === 'json_object' && messages.some(({ content }) => /json/i.test(content)));
  if (isSaid || last === undefined) return [...messages];
  const content = `${last.content}\n\nAnswer with json only, in the form of this JSON schema: ${JSON.stringify(json)}`;
  return [...messages.slice(0, -1), { ...last, content }];
}
