import { z } from 'zod';
import { modelEndpoint } from '../model-endpoint.ts';
import { exactlyOneOf, withRules } from '../rules.ts';
import { count, decimal, duration, figure } from '../scalars.ts';

/** Limits of an endpoint that a measurement would measure, or that would leave something out of it. */
const unmeasured = {
  requestsPerMinute: 'would make a limit the figure: leave it out, and lower serving.concurrency',
  tokensPerMinute: 'would make a limit the figure: leave it out, and lower serving.concurrency',
  maxContextTokens: 'would leave prompts out, and all models get the same: leave it out',
} as const;

const withoutLimits = Object.entries(unmeasured).map(([name, why]) => ({
  cel: `!has(self.openai) || !has(self.openai.${name})`,
  message: `serving.openai.${name} ${why}`,
  holds: ({ openai }: { openai?: object | undefined }) => openai === undefined || !(name in openai),
}));

const local = z.strictObject({
  maxTokens: z.int().min(1).max(131_072).default(128).describe('Tokens that one answer may have.'),
  startTimeout: duration('serving.local.startTimeout', { min: '10s', max: '6h' })
    .default('10m')
    .describe('Time after which a server that has not loaded its model is given up.'),
});

/** Without `concurrency`: how many requests are under way is what is varied, and stands beside. */
const served = z.strictObject(modelEndpoint('serving.openai')).omit({ concurrency: true });

export const serving = withRules(
  z.strictObject({
    openai: served
      .optional()
      .describe('A server of your own that answers with the tuned model, such as vLLM with the adapter.'),
    local: local
      .optional()
      .describe(
        'The evaluator starts "transformers serve" in its own pod, for the base and then for the tuned model; nothing has to be deployed.',
      ),
    baseModel: z.string().min(1).max(256).optional().describe('What the server of "openai" calls the base model.'),
    concurrency: z
      .array(z.int().min(1).max(256))
      .min(1)
      .max(4)
      .default([1, 4, 16])
      .describe('Requests under way at a time.'),
    requests: z.int().min(1).max(10_000).default(32).describe('Requests of each row, those that warm up not counted.'),
    pricePerHour: decimal('serving.pricePerHour', { above: 0, max: 1_000_000 })
      .optional()
      .describe(
        'Money that an hour of the machine costs which serves, for the cost of queries by measured throughput.',
      ),
  }),
  exactlyOneOf('serving', 'openai', 'local'),
  ...withoutLimits,
  {
    cel: '!has(self.baseModel) || has(self.openai)',
    message: 'serving.baseModel needs serving.openai: the base of serving.local is known',
    holds: ({ baseModel, openai }) => baseModel === undefined || openai !== undefined,
  },
  {
    cel: '!has(self.pricePerHour) || !has(self.openai) || !has(self.openai.prices)',
    message: 'serving.pricePerHour and serving.openai.prices are two prices of the same queries: leave one out',
    holds: ({ pricePerHour, openai }) => pricePerHour === undefined || openai?.prices === undefined,
  },
);

const milliseconds = (what: string) => figure().describe(`${what}, in milliseconds.`);

export const servingStatus = z.strictObject({
  model: z.enum(['base', 'tuned']).describe('Which model.'),
  concurrency: z.int().min(0).describe('Requests that were under way at a time.'),
  failed: count().optional().describe('Requests without an answer; the other figures are of those with one.'),
  ttftP50: milliseconds('Time to the first token, half of the requests'),
  ttftP90: milliseconds('The same of 90 % of them'),
  ttftP99: milliseconds('The same of 99 % of them'),
  tokenP50: milliseconds('Time between two tokens, half of them'),
  tokensPerSecond: figure().describe('Tokens a second, of all requests together.'),
  requestsPerSecond: figure().optional().describe('Answered requests a second.'),
  costPerThousand: figure().optional().describe('Money that a thousand requests cost, where a price is given.'),
  modelBytes: count().optional().describe('Size of the weights of a model that was served locally.'),
  peakMemoryBytes: count()
    .optional()
    .describe('The most memory that the local server has held, from its start to the end of this row.'),
  peakGpuMemoryBytes: count().optional().describe('The same of the memory of its GPUs.'),
});
