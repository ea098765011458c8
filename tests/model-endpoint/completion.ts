import { requestDigest, type Chat } from './chat.ts';
import type { Twist } from './faults.ts';

/** An answer as providers send it. `cachedTokens` are those of the prompt that the provider had already. */
export function completion(chat: Chat, content: string, twist: Twist, cachedTokens: number): object {
  const text = twist.content?.(content) ?? content;
  const message = { role: 'assistant', content: text, ...twist.message };
  return {
    id: `chatcmpl-${requestDigest(chat).slice(0, 12)}`,
    object: 'chat.completion',
    created: 0,
    model: chat.model,
    choices: [{ index: 0, message, finish_reason: twist.finishReason ?? 'stop' }],
    ...usage(chat, text, twist.usage, cachedTokens),
  };
}

function usage(chat: Chat, content: string, kind: Twist['usage'], cached: number): object {
  if (kind === 'missing') return {};
  if (kind === 'null') return { usage: null };
  const prompt = promptTokens(chat.messages);
  const counts = { prompt_tokens: prompt, completion_tokens: tokens(content), total_tokens: prompt + tokens(content) };
  if (kind === 'deepseek') {
    return { usage: { ...counts, prompt_cache_hit_tokens: cached, prompt_cache_miss_tokens: prompt - cached } };
  }
  return { usage: { ...counts, prompt_tokens_details: { cached_tokens: cached } } };
}

const tokens = (text: string): number => Math.ceil(text.length / 4);

export const promptTokens = (messages: Chat['messages']): number =>
  messages.reduce((sum, { content }) => sum + tokens(content), 0);
