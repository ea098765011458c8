import OpenAI, { APIError } from 'openai';
import type { EndpointInput } from '../../contract/inputs.ts';
import { createKeyReader } from './key.ts';
import type { renderRequest } from './render.ts';
import type { Transport } from './transport.ts';

/** providers end a request after this time themselves */
const longestRequestMs = 30 * 60 * 1000;

/** What became of a request: one that went out and has no answer may have been worked on, and be billed. */
export interface Flight {
  isSent: boolean;
}

export type Send = (
  body: ReturnType<typeof renderRequest>,
  signal: AbortSignal,
  flight: Flight,
) => Promise<OpenAI.ChatCompletion>;

/** One request with the key of this moment; no retry but for a key that was rotated meanwhile. */
export function createSender(input: EndpointInput, field: string, fetch: Transport['fetch']): Send {
  const readKey = createKeyReader(input.apiKeyFile, field);
  const client = new OpenAI({
    baseURL: input.baseURL,
    // the library wants one; what is sent is set for each request
    apiKey: 'none',
    organization: null,
    project: null,
    maxRetries: 0,
    timeout: Math.min(input.timeoutSeconds * 1000, longestRequestMs),
    defaultHeaders: input.headers,
    logLevel: 'off',
  });
  return async (body, signal, flight) => {
    const sendWith = (key: string | undefined) => {
      const authorization = key === undefined ? new Headers(input.headers).get('authorization') : `Bearer ${key}`;
      flight.isSent = false;
      const noted = client.withOptions({
        fetch: (url, init) => fetch(url, init, () => void (flight.isSent = true)),
      });
      return noted.chat.completions.create(body, { signal, headers: { authorization } });
    };
    const key = await readKey();
    try {
      return await sendWith(key);
    } catch (error) {
      if (!(error instanceof APIError) || error.status !== 401) throw error;
      // the Secret may have been rotated while the request was under way
      const newer = await readKey();
      if (newer === key) throw error;
      return await sendWith(newer);
    }
  };
}
