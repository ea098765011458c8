import { APIError } from 'openai';

/** Forms in which an endpoint may be asked for JSON, the strictest first. */
export const formats = ['json_schema', 'json_object', 'text'] as const;
export type Format = (typeof formats)[number];

/** What an endpoint takes of the protocol; it is found out by the first requests and holds for the run. */
export interface Dialect {
  format: Format;
  /** newer models of OpenAI refuse the old name */
  tokenLimit: 'max_tokens' | 'max_completion_tokens';
  /** reasoning models refuse a temperature */
  hasTemperature: boolean;
}

export const richest: Dialect = { format: 'json_schema', tokenLimit: 'max_tokens', hasTemperature: true };

export const weaker = (format: Format): Format | undefined => formats[formats.indexOf(format) + 1];

/** The dialect to try after an endpoint refused a request in this one; undefined when that was not the trouble. */
export function adapt(dialect: Dialect, error: unknown): Dialect | undefined {
  if (!(error instanceof APIError)) return undefined;
  const { status, message } = error as APIError;
  if (status !== 400 && status !== 404 && status !== 422) return undefined;
  if (dialect.tokenLimit === 'max_tokens' && message.includes('max_completion_tokens')) {
    return { ...dialect, tokenLimit: 'max_completion_tokens' };
  }
  if (dialect.hasTemperature && /temperature/.test(message) && /support|only the default|not allowed/i.test(message)) {
    return { ...dialect, hasTemperature: false };
  }
  const format = weaker(dialect.format);
  if (format === undefined || !/response_?format|json_?schema|json_object|structured|guided/i.test(message))
    return undefined;
  return { ...dialect, format };
}
