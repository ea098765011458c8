import type OpenAI from 'openai';
import { z } from 'zod';
import type { FinishReason, Reply, TokenCounts } from './question.ts';

const count = z.int().min(0).nullish().catch(null);

/** Endpoints differ in what they leave out, whatever the types of the client library promise. */
const completionSchema = z.object({
  choices: z
    .array(
      z.object({
        message: z
          .object({
            content: z.string().nullish(),
            refusal: z.string().nullish(),
            reasoning_content: z.string().nullish().catch(null),
            reasoning: z.string().nullish().catch(null),
          })
          .nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .min(1),
  usage: z
    .object({
      prompt_tokens: count,
      completion_tokens: count,
      prompt_tokens_details: z.object({ cached_tokens: count }).nullish().catch(null),
      /** DeepSeek's name */
      prompt_cache_hit_tokens: count,
    })
    .nullish()
    .catch(null),
});

/** `hiccup`: the provider broke off by itself, so that another try may bring a whole answer. */
export type ReadReply = Omit<Reply, 'usage' | 'finishReason'> & {
  finishReason: FinishReason | 'hiccup';
  /** undefined when the endpoint does not count */
  usage: TokenCounts | undefined;
};

const finishReasons: Record<string, FinishReason | 'hiccup'> = {
  length: 'length',
  model_length: 'length',
  max_tokens: 'length',
  content_filter: 'content_filter',
  safety: 'content_filter',
  refusal: 'content_filter',
  sensitive: 'content_filter',
  error: 'hiccup',
  network_error: 'hiccup',
  insufficient_system_resource: 'hiccup',
};

/** Read a completion; undefined when it has no form that is known. */
export function readReply(completion: OpenAI.ChatCompletion): ReadReply | undefined {
  const parsed = completionSchema.safeParse(completion);
  const choice = parsed.data?.choices[0];
  if (parsed.data === undefined || choice === undefined) return undefined;
  const { content, refusal, reasoning_content, reasoning } = choice.message ?? {};
  const { thought, rest } = splitThought(content ?? '');
  const known = finishReasons[(choice.finish_reason ?? '').toLowerCase()] ?? 'stop';
  const isRefused = Boolean(refusal) && rest.trim() === '';
  const reasons = reasoning_content ?? reasoning ?? thought;
  return {
    content: isRefused ? (refusal ?? '') : rest,
    ...(reasons === undefined ? {} : { reasoning: reasons }),
    finishReason: isRefused ? 'content_filter' : known,
    usage: readUsage(parsed.data.usage),
  };
}

/** Servers that do not know a model's marks leave its thoughts before the answer. */
function splitThought(content: string): { thought: string | undefined; rest: string } {
  const marked = /^\s*<think>([^]*?)<\/think>\s*/.exec(content);
  if (marked === null) return { thought: undefined, rest: content };
  return { thought: marked[1]?.trim(), rest: content.slice(marked[0].length) };
}

function readUsage(usage: z.infer<typeof completionSchema>['usage']): TokenCounts | undefined {
  const { prompt_tokens: input, completion_tokens: output } = usage ?? {};
  if (typeof input !== 'number' || typeof output !== 'number') return undefined;
  const cached = usage?.prompt_tokens_details?.cached_tokens ?? usage?.prompt_cache_hit_tokens ?? 0;
  return { input, cachedInput: Math.min(cached, input), output };
}
