import OpenAI from 'openai';
import type { ChatCompletionCreateParamsNonStreaming } from 'openai/resources';
import { readFile } from 'node:fs/promises';
import type { GenerateInput } from '../../contract/inputs.ts';
import { WorkerFailure } from '../shell/failure.ts';
import { isFormatRefusal } from './errors.ts';

export type EndpointInput = Extract<GenerateInput['generator'], { openai: unknown }>['openai'];
export interface Message {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

export interface Question {
  messages: Message[];
  /** what the answer must look like */
  schema: { name: string; json: Record<string, unknown> };
}

export interface TokenCounts {
  input: number;
  /** the part of `input` that the provider had in its cache */
  cachedInput: number;
  output: number;
}

export interface Reply {
  content: string;
  /** `length`: cut off; `content_filter`: refused by the provider */
  finishReason: string;
  /** undefined when the endpoint does not count */
  usage: TokenCounts | undefined;
}

export interface Endpoint {
  /** One request, no retry. Throws what the client library throws. */
  ask(question: Question, signal: AbortSignal): Promise<Reply>;
}

type ResponseFormat = 'json_schema' | 'json_object' | 'text';
const weaker: Record<ResponseFormat, ResponseFormat | undefined> = {
  json_schema: 'json_object',
  json_object: 'text',
  text: undefined,
};

/** A client for any endpoint that speaks the chat completions protocol. The strongest output format that it takes is kept. */
export async function openEndpoint(input: EndpointInput): Promise<Endpoint> {
  const client = new OpenAI({
    baseURL: input.baseURL,
    // the library wants a key even where the endpoint does not
    apiKey: (await readKey(input.apiKeyFile)) ?? 'none',
    organization: null,
    project: null,
    maxRetries: 0,
    timeout: input.timeoutSeconds * 1000,
    logLevel: 'off',
  });
  let format: ResponseFormat = 'json_schema';
  return {
    async ask(question, signal) {
      for (;;) {
        const tried = format;
        try {
          const completion = await client.chat.completions.create(render(input, question, tried), { signal });
          return readReply(completion);
        } catch (error) {
          const next = weaker[tried];
          if (next === undefined || !isFormatRefusal(error)) throw error;
          // another request may have found out already
          if (format === tried) format = next;
        }
      }
    },
  };
}

async function readKey(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const key = await readFile(path, 'utf8').catch((error: unknown) => {
    const message = 'the Secret of spec.generator.openai.apiKeySecretRef has no such key: correct name or key';
    throw new WorkerFailure('credentials', 'AuthFailed', message, { cause: error });
  });
  return key.trim();
}

function render(
  { model, temperature, maxTokens }: EndpointInput,
  { messages, schema }: Question,
  format: ResponseFormat,
): ChatCompletionCreateParamsNonStreaming {
  const body = { model, messages, temperature, max_tokens: maxTokens };
  if (format === 'text') return body;
  if (format === 'json_object') return { ...body, response_format: { type: 'json_object' } };
  const json_schema = { name: schema.name, schema: schema.json, strict: true };
  return { ...body, response_format: { type: 'json_schema', json_schema } };
}

function readReply(completion: OpenAI.ChatCompletion): Reply {
  // endpoints differ in what they leave out, whatever the types promise
  const { choices, usage } = completion as Partial<OpenAI.ChatCompletion>;
  const choice = choices?.[0];
  return {
    content: choice?.message.content ?? '',
    finishReason: choice?.finish_reason ?? 'stop',
    usage:
      usage === undefined
        ? undefined
        : {
            input: usage.prompt_tokens,
            cachedInput: usage.prompt_tokens_details?.cached_tokens ?? 0,
            output: usage.completion_tokens,
          },
  };
}
