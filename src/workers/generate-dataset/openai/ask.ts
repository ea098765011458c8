import type { Asker } from '../../model-endpoint/asker.ts';
import type { Message } from '../../model-endpoint/endpoint.ts';
import { PromptRejected } from '../../model-endpoint/retry.ts';
import { answerFormat, answerSchema, renderRepair, type ModelAnswer } from './prompt.ts';

export type ChunkAnswer = ModelAnswer | { reason: string; detail: string };

/** Ask once, and once more where the answer is no JSON of the asked form. */
export async function askAboutChunk(asker: Asker, messages: Message[]): Promise<ChunkAnswer> {
  try {
    const first = await asker.ask({ messages, schema: answerFormat });
    if (first.finishReason === 'content_filter') return { reason: 'REFUSED', detail: 'refused by the provider' };
    const parsed = parseAnswer(first.content);
    if ('facts' in parsed) return parsed;
    const again = await asker.ask({
      messages: renderRepair(messages, first.content, parsed.problem),
      schema: answerFormat,
    });
    const repaired = parseAnswer(again.content);
    if ('facts' in repaired) return repaired;
    return { reason: 'BAD_JSON', detail: `${repaired.problem}: ${again.content.slice(0, 200)}` };
  } catch (error) {
    if (error instanceof PromptRejected) return { reason: error.reason, detail: error.message };
    throw error;
  }
}

function parseAnswer(content: string): ModelAnswer | { problem: string } {
  // models without an output format like to wrap their JSON
  const text = /```(?:json)?\s*\n([^]*?)\n```/.exec(content)?.[1] ?? content;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: 'not valid json' };
  }
  const parsed = answerSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  return { problem: `field "${issue?.path.join('.') ?? ''}": ${issue?.message ?? 'wrong'}` };
}
