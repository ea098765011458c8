import { z } from 'zod';
import { modelEndpoint } from '../model-endpoint.ts';

export const serving = z.strictObject({
  openai: z
    .strictObject(modelEndpoint('serving.openai'))
    .optional()
    .describe(
      'A server that answers with the tuned model, such as vLLM with the adapter; the image has none of its own.',
    ),
  baseModel: z.string().min(1).max(256).optional().describe('What the same server calls the base model.'),
  concurrency: z
    .array(z.int().min(1).max(256))
    .min(1)
    .max(4)
    .default([1, 4, 16])
    .describe('Requests under way at a time.'),
  requests: z.int().min(1).max(10_000).default(32).describe('Requests of each row, those that warm up not counted.'),
});

const milliseconds = (what: string) => z.string().max(32).describe(`${what}, in milliseconds.`);

export const servingStatus = z.strictObject({
  model: z.enum(['base', 'tuned']).describe('Which model.'),
  concurrency: z.int().min(0).describe('Requests that were under way at a time.'),
  ttftP50: milliseconds('Time to the first token, half of the requests'),
  ttftP90: milliseconds('The same of 90 % of them'),
  ttftP99: milliseconds('The same of 99 % of them'),
  tokenP50: milliseconds('Time between two tokens, half of them'),
  tokensPerSecond: z.string().max(32).describe('Tokens a second, of all requests together.'),
});
