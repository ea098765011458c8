import { createHash } from 'node:crypto';

/** What the endpoint reads of a request. */
export interface Chat {
  model: string;
  messages: { role: string; content: string }[];
  response_format?: { type: string; json_schema?: { name: string } };
  max_tokens?: number;
  max_completion_tokens?: number;
  temperature?: number;
}

/** Names a prompt in the log. */
export const digestOf = ({ messages }: Chat): string => sha256(JSON.stringify(messages));

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Names all that makes a request another one to pay for. */
export const requestDigest = ({ model, messages, temperature, max_tokens, max_completion_tokens }: Chat): string =>
  sha256(JSON.stringify([model, messages, temperature, max_tokens ?? max_completion_tokens]));
